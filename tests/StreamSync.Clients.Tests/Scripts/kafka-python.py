"""What a program on kafka-python does, against the broker named first; topic and group names begin with the second argument. Prints one JSON object."""
import json
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata

servers, name = sys.argv[1:]
said = {}

admin = KafkaAdminClient(bootstrap_servers=servers)
admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1, topic_configs={"retention.ms": "-1"})])
admin.create_partitions({name: NewPartitions(3)})
admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={"retention.ms": "-1", "max.message.bytes": "500000"})])
resources = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])[0].resources
said["configs"] = {entry[0]: entry[1] for entry in resources[0][4] if entry[0] in ("retention.ms", "max.message.bytes")}
said["listed"] = name in admin.list_topics()

for number, codec in enumerate([None, "gzip"]):
    producer = KafkaProducer(bootstrap_servers=servers, acks="all", compression_type=codec, linger_ms=5)
    sent = [
        producer.send(name, partition=number, key=b"key-%d" % i, value=b"value-%d" % i, timestamp_ms=1_000 * (i + 1), headers=[("n", b"%d" % i)])
        for i in range(100)
    ]
    said["offsets-%s" % codec] = [future.get(timeout=60).offset for future in sent] == list(range(100))
    producer.close()
producer = KafkaProducer(bootstrap_servers=servers, acks="all")
producer.send(name, partition=2, key=b"gone", value=None).get(timeout=60)
producer.close()

consumer = KafkaConsumer(name, bootstrap_servers=servers, group_id=name, auto_offset_reset="earliest", enable_auto_commit=False, consumer_timeout_ms=60_000)
read = {0: [], 1: [], 2: []}
for record in consumer:
    read[record.partition].append((record.offset, record.key, record.value, record.timestamp, record.headers))
    if sum(map(len, read.values())) == 201:
        break
expected = [(i, b"key-%d" % i, b"value-%d" % i, 1_000 * (i + 1), [("n", b"%d" % i)]) for i in range(100)]
said["content"] = [read[0] == expected, read[1] == expected]
said["tombstone"] = [record[:3] for record in read[2]] == [(0, b"gone", None)]

parts = [TopicPartition(name, p) for p in range(3)]
consumer.commit({parts[0]: OffsetAndMetadata(42, "note"), parts[1]: OffsetAndMetadata(100, "")})
said["committed"] = [consumer.committed(p) for p in parts]
said["ends"] = [consumer.end_offsets(parts)[p] for p in parts]
said["begins"] = [consumer.beginning_offsets(parts)[p] for p in parts]
said["by-time"] = consumer.offsets_for_times({parts[0]: 50_000})[parts[0]].offset
said["group-state"] = admin.describe_consumer_groups([name])[0].state
consumer.close()

said["group-offsets"] = sorted((p.partition, o.offset, o.metadata) for p, o in admin.list_consumer_group_offsets(name).items())
said["groups"] = (name, "consumer") in admin.list_consumer_groups()
again = KafkaConsumer(bootstrap_servers=servers, group_id=name, consumer_timeout_ms=60_000)
again.assign([parts[0]])
said["goes-on-at"] = next(again).offset
again.close()
admin.delete_consumer_groups([name])
said["groups-left"] = (name, "consumer") in admin.list_consumer_groups()
admin.delete_topics([name])
said["topics-left"] = name in admin.list_topics()
admin.close()
print(json.dumps(said))
