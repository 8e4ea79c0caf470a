namespace StreamSync.Kafka.Configuration;

/// <summary>The commented file that <c>streamsync init</c> writes.</summary>
public static class ConfigTemplate
{
    /// <summary>The text.</summary>
    public static string Text => """
        # StreamSync. 'streamsync up' reads this file; every key may be left out, and then has its default.
        # A secret never stands here: write ${env:NAME} for an environment variable or ${file:/path} for a file.

        # The group that owns the data, unless a sync below names another. It becomes the first part of every record's source URN.
        org: my-group

        kafka:
          # 'embedded' runs broker and schema registry inside the process and keeps the log in the data folder.
          # On a cluster: host:port,host:port and http://host:port.
          bootstrap: embedded
          registry: embedded
          # Partitions of every topic; fixed once the topics exist. More than one is for a cluster, where several processes share the work.
          # partitions: 2
          # Any librdkafka property, for a cluster that asks for credentials:
          # client:
          #   security.protocol: sasl_ssl
          #   sasl.mechanisms: PLAIN
          #   sasl.username: streamsync
          #   sasl.password: ${env:KAFKA_PASSWORD}

        # Ports of the embedded broker and registry, on this machine only; 0 picks a free one.
        broker:
          port: 0
          registry_port: 0

        # The web console.
        console:
          port: 8080

        # Where webhooks of vendors are taken. Vendors are told the address once: 0 would pick another port at each start. From other machines
        # they come with address: 0.0.0.0, or through a proxy that speaks HTTPS.
        webhooks:
          port: 8090

        warehouse:
          kind: duckdb
          # A relative path is below the data folder.
          path: warehouse.duckdb
          # Longest time that rows wait before they are written, milliseconds.
          flush_ms: 200

        processors:
          # Time between commits, milliseconds: results become visible with the commit.
          commit_ms: 100

        # Who is who. Without a model the shipped one decides; 'streamsync identity train' learns another.
        # identity: { model: ./model.json, region: US }

        # Groups of one hub know nothing of each other's people, unless they agreed to:
        # sharing: [{ id: mi-table, parties: [my-group, their-group], purpose: no household is asked twice, entities: [person], from: 2026-01-01, until: 2026-11-30 }]

        # One item for each account of each tool. The README of a connector names its settings, secrets and streams.
        syncs: []
        #  - id: van-files                  # unique, free to choose
        #    connector: ngpvan              # name of the vendor's folder
        #    instance: c77                  # account, committee or database inside the tool
        #    owner: { name: Data desk, kind: group, contact: data@example.org }
        #    promise:
        #      freshness: 15m               # from a change in the tool, or a file in the folder, to the warehouse
        #      arrival: 26h                 # a new export each day: late when none has come for so long; without it a quiet folder is no fault
        #    settings:
        #      folder: ./drops/van          # must be there; a relative path starts at the folder of this file
        #      time_zone: America/New_York
        #
        #  - id: action-network
        #    connector: action_network
        #    instance: main
        #    owner: { name: Digital team, kind: group, contact: digital@example.org }
        #    secrets: { token: "${env:ACTION_NETWORK_TOKEN}" }

        """;
}
