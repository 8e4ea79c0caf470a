// What a program on kafkajs does, against the broker named first; topic and group names begin with the second argument. Prints one JSON object.
const { Kafka, CompressionTypes, logLevel } = require('kafkajs')

const [servers, name] = process.argv.slice(2)
const kafka = new Kafka({ clientId: 'kafkajs-test', brokers: [servers], logLevel: logLevel.NOTHING })
const said = {}

async function readAll(group, topics, count) {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  const read = []
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`only ${read.length} of ${count} records came to ${group}`)), 60_000)
    consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async ({ partition, message }) => {
        read.push({
          partition, offset: message.offset, key: message.key?.toString(), value: message.value?.toString() ?? null, header: message.headers.n?.toString(),
        })
        if (read.length === count) { clearTimeout(timer); resolve() }
      },
    }).catch(reject)
  })
  await consumer.stop()
  await consumer.disconnect()
  return read.sort((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset))
}

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  said.created = await admin.createTopics({ topics: [{ topic: name, numPartitions: 2, configEntries: [{ name: 'cleanup.policy', value: 'delete' }] }] })
  said.createdAgain = await admin.createTopics({ topics: [{ topic: name, numPartitions: 2 }] })
  await admin.createPartitions({ topicPartitions: [{ topic: name, count: 3 }] })
  await admin.alterConfigs({ resources: [{ type: 2, name, configEntries: [{ name: 'retention.ms', value: '-1' }] }] })
  const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name, configNames: ['retention.ms'] }] })
  said.retention = resources[0].configEntries[0].configValue
  said.partitions = (await admin.fetchTopicMetadata({ topics: [name] })).topics[0].partitions.length
  said.brokers = (await admin.describeCluster()).brokers.length

  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (const [partition, compression] of [CompressionTypes.None, CompressionTypes.GZIP].entries()) {
    const messages = Array.from({ length: 50 }, (_, i) => ({ partition, key: `k${i}`, value: `v${i}`, headers: { n: `${i}` }, timestamp: `${1000 * (i + 1)}` }))
    await producer.send({ topic: name, acks: -1, compression, messages })
  }
  await producer.disconnect()

  const writer = kafka.producer({ transactionalId: name, idempotent: true, maxInFlightRequests: 1 })
  await writer.connect()
  const aborted = await writer.transaction()
  await aborted.send({ topic: name, messages: [{ partition: 2, key: 'k', value: 'aborted' }] })
  await aborted.abort()
  const committed = await writer.transaction()
  await committed.send({ topic: name, messages: [{ partition: 2, key: 'k', value: 'committed' }, { partition: 2, key: 'k', value: null }] })
  await committed.sendOffsets({ consumerGroupId: `${name}-pipe`, topics: [{ topic: name, partitions: [{ partition: 0, offset: '7' }] }] })
  await committed.commit()
  await writer.disconnect()
  said.offsetsInTransaction = (await admin.fetchOffsets({ groupId: `${name}-pipe`, topics: [name] }))[0].partitions.find(p => p.partition === 0).offset

  const read = await readAll(name, [name], 102)
  const expected = partition => JSON.stringify(Array.from({ length: 50 }, (_, i) => ({ partition, offset: `${i}`, key: `k${i}`, value: `v${i}`, header: `${i}` })))
  said.content = [0, 1].map(p => JSON.stringify(read.filter(r => r.partition === p)) === expected(p))
  said.transactions = read.filter(r => r.partition === 2).map(r => r.value)

  said.committed = (await admin.fetchOffsets({ groupId: name, topics: [name] }))[0].partitions.sort((a, b) => a.partition - b.partition).map(p => p.offset)
  said.ends = (await admin.fetchTopicOffsets(name)).sort((a, b) => a.partition - b.partition).map(p => p.high)
  said.byTime = (await admin.fetchTopicOffsetsByTimestamp(name, 25_000)).find(p => p.partition === 0).offset
  said.group = (await admin.describeGroups([name])).groups[0].state
  await admin.setOffsets({ groupId: name, topic: name, partitions: [{ partition: 0, offset: '48' }, { partition: 1, offset: '50' }, { partition: 2, offset: '5' }] })
  said.afterReset = (await readAll(name, [name], 2)).map(r => r.offset)
  await admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '20' }] })
  said.lowAfterDelete = (await admin.fetchTopicOffsets(name)).find(p => p.partition === 0).low
  said.listed = (await admin.listGroups()).groups.some(g => g.groupId === name)
  await admin.deleteGroups([name])
  said.listedAfterDelete = (await admin.listGroups()).groups.some(g => g.groupId === name)
  await admin.deleteTopics({ topics: [name] })
  said.topicsLeft = (await admin.listTopics()).includes(name)
  await admin.disconnect()
  console.log(JSON.stringify(said))
}

main().catch(problem => { console.error(problem); process.exit(1) })
