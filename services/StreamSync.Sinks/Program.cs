// The worker's entry point.
using StreamSync.Kafka.Hosting;
using StreamSync.Sinks;

return await StreamSyncHost.RunAsync(args, "streamsync-sinks", (services, config) => services.AddSinks(config));
