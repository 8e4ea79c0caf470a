using StreamSync.TestBroker;

namespace StreamSync.Acceptance.Tests;

/// <summary>A vendor's database by its log: the snapshot, changes and deletes, and what happened while nobody read.</summary>
public class SpokeTests
{
    const string Tables = """
        create table campaign_contact(id serial primary key, campaign_id int, assignment_id int, external_id text, first_name text, last_name text, cell text, zip text, custom_fields text, created_at timestamptz default now(), updated_at timestamptz default now(), message_status text, is_opted_out boolean default false, timezone_offset text, error_code int);
        create table message(id serial primary key, user_number text, user_id int, contact_number text, is_from_contact boolean, text text, media text, assignment_id int, campaign_contact_id int, messageservice_sid text, service text, service_id text, send_status text, error_code int, created_at timestamptz default now(), queued_at timestamptz, sent_at timestamptz, service_response_at timestamptz, send_before timestamptz);
        create table opt_out(id serial primary key, cell text, assignment_id int, organization_id int, reason_code text, created_at timestamptz default now());
        create table question_response(id serial primary key, campaign_contact_id int, interaction_step_id int, value text, created_at timestamptz default now());
        create table "user"(id serial primary key, first_name text, last_name text, email text, cell text, alias text, is_superadmin boolean, created_at timestamptz default now());
        insert into "user"(first_name, last_name, email) values ('Sam', 'P', 'sam@example.org');
        insert into campaign_contact(campaign_id, external_id, first_name, last_name, cell) values (10, '100200301', 'Ana', 'Ruiz', '+12025550101');
        insert into message(user_id, contact_number, is_from_contact, text, campaign_contact_id, send_status) select 1, '+12025550101', false, 'Hi', 1, 'SENT' from generate_series(1, 300);
        """;

    [SkippableFact]
    public async Task Snapshot_log_deletes_and_an_outage_lose_and_double_nothing()
    {
        await using var server = await PostgresServer.StartAsync();
        await server.ExecuteAsync("postgres", "create database spoke");
        await server.ExecuteAsync("spoke", Tables);
        await using var place = await Workplace.CreateAsync($$"""
              - id: spoke
                connector: spoke
                instance: main
                settings: { host: 127.0.0.1, port: {{server.Port}}, database: spoke, user: postgres, van_scope: "0:MA" }
            """);
        await using (var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync())
        {
            await running.UntilAsync("(select count(*) from activity_touch where person_id is not null and canvasser_name = 'Sam P') = 300", TimeSpan.FromMinutes(1));
            await server.ExecuteAsync("spoke", "update message set send_status = 'ERROR', error_code = 30003 where id = 7; insert into opt_out(cell, organization_id) values ('+12025550101', 1)");
            await running.UntilAsync("(select result from entity_contact_attempt where source_id = '7') = 'delivery_error'", TimeSpan.FromSeconds(30));
            await running.UntilAsync("(select status from entity_consent) = 'opted_out'", TimeSpan.FromSeconds(30));
            await running.KillAsync();
        }

        await server.ExecuteAsync("spoke", "insert into message(user_id, contact_number, is_from_contact, text, campaign_contact_id, send_status) select 1, '+12025550101', false, 'Hi', 1, 'SENT' from generate_series(1, 200); delete from message where id <= 50; delete from opt_out");
        await using var again = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await again.UntilAsync("(select count(*) from activity_touch where kind = 'contact_attempt') = 450 and (select count(*) from entity_consent) = 0", TimeSpan.FromMinutes(1));
        Assert.Equal("450", await again.ScalarAsync("select count(distinct source_urn) from entity_contact_attempt"));
        Assert.Equal("0", await again.ScalarAsync("select count(*) from ops_quarantine"));
    }
}
