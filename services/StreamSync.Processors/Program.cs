using StreamSync.Kafka.Hosting;
using StreamSync.Processors;

return await StreamSyncHost.RunAsync(args, "streamsync-processors", static (services, config) => services.AddProcessors(config));
