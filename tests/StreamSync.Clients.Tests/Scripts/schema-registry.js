// What a program on @kafkajs/confluent-schema-registry does, against the broker and the registry named first; names begin with the third argument. Prints one JSON object.
const { Kafka, logLevel } = require('kafkajs')
const { SchemaRegistry, SchemaType, COMPATIBILITY } = require('@kafkajs/confluent-schema-registry')

const [servers, host, name] = process.argv.slice(2)
const registry = new SchemaRegistry({ host }, { retry: { retries: 0 } })
const said = {}

const avro = (schema, references) => ({ type: SchemaType.AVRO, schema: JSON.stringify(schema), references })
const knock = (...more) => ({ type: 'record', name: 'Knock', namespace: 'org.example.canvass', fields: [{ name: 'door', type: 'string' }, ...more] })
const attempts = { name: 'attempts', type: ['null', 'int'], default: null }

async function refusal(work) {
  try { await work(); return null } catch (e) { return `${e.name} ${e.status ?? ''}`.trim() }
}

async function main() {
  const subject = `${name} knocks/all-value`
  const first = await registry.register(avro(knock()), { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE })
  said.again = (await registry.register(avro(knock()), { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE })).id === first.id
  said.otherLevel = await refusal(() => registry.register(avro(knock()), { subject, compatibility: COMPATIBILITY.BACKWARD }))
  const second = await registry.register(avro(knock(attempts)), { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE })
  said.incompatible = await refusal(() => registry.register(avro(knock({ name: 'n', type: 'int' })), { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE }))
  said.ids = [await registry.getLatestSchemaId(subject) === second.id, await registry.getRegistryId(subject, 1) === first.id]
  said.bySchema = await registry.getRegistryIdBySchema(subject, avro(knock())) === first.id
  said.notThere = await refusal(() => registry.getRegistryIdBySchema(subject, avro(knock({ name: 'other', type: 'null', default: null }))))
  said.noSubject = await refusal(() => registry.getLatestSchemaId(`${name}-none`))
  said.noId = await refusal(() => registry.getSchema(1_000_000))

  const address = { type: 'record', name: 'Address', namespace: 'org.example', fields: [{ name: 'zip', type: 'string' }] }
  await registry.register(avro(address), { subject: `${name}-address` })
  const venue = { type: 'record', name: 'Venue', namespace: 'org.example', fields: [{ name: 'at', type: 'org.example.Address' }] }
  const referring = await registry.register(avro(venue, [{ name: 'org.example.Address', subject: `${name}-address`, version: 1 }]), { subject: `${name}-venue` })

  const topic = name
  const kafka = new Kafka({ clientId: 'registry-test', brokers: [servers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({
    topic, messages: [
      { value: await registry.encode(first.id, { door: '12 Elm St' }) },
      { value: await registry.encode(second.id, { door: 'Añasco 3', attempts: 7 }) },
      { value: await registry.encode(referring.id, { at: { zip: '00610' } }) },
    ],
  })
  await producer.disconnect()

  // A client of its own knows nothing but what the registry tells.
  const reader = new SchemaRegistry({ host })
  const consumer = kafka.consumer({ groupId: name, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  said.read = []
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`only ${said.read.length} records came`)), 60_000)
    consumer.run({
      eachMessage: async ({ message }) => {
        said.read.push(JSON.parse(JSON.stringify(await reader.decode(message.value))))
        if (said.read.length === 3) { clearTimeout(timer); resolve() }
      },
    }).catch(reject)
  })
  await consumer.disconnect()
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
  console.log(JSON.stringify(said))
}

main().catch(e => { console.error(e); process.exit(1) })
