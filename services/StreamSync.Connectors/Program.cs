using StreamSync.Connectors.Runtime;
using StreamSync.Kafka.Hosting;

return await StreamSyncHost.RunAsync(args, "connectors", (services, config) => services.AddConnectors(config));
