using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;
using StreamSync.Processors.Identity;
using StreamSync.Processors.Identity.Evidence;

namespace StreamSync.Processors;

/// <summary>Adds the processors to a host.</summary>
public static class ProcessorsServices
{
    /// <summary>
    /// Adds the standardiser, identity resolution and program activity, and <see cref="IProcessorsReady"/> and <see cref="IIdentityEvidence"/>. The host needs the services of
    /// <see cref="Kafka.Hosting.StreamSyncHost.AddStreamSync"/>.
    /// </summary>
    /// <param name="services">Services.</param>
    /// <param name="config">Configuration: its syncs say which vendors are standardised.</param>
    /// <exception cref="ConfigException">A vendor's mapping or the model of identity resolution is wrong; holds every error with its place.</exception>
    public static IServiceCollection AddProcessors(this IServiceCollection services, StreamSyncConfig config)
    {
        // Wrong mappings stop the start, not the first record.
        var vendors = Standardiser.StandardiserTopology.LoadVendors(config);
        services.AddSingleton(new ProcessorsOptions(config, vendors, ConfiguredIdentity.Load(config)));
        services.AddSingleton<EvidenceDesk>();
        services.AddSingleton<IIdentityEvidence, LiveEvidence>();
        services.AddSingleton<ProcessorsService>();
        services.AddSingleton<IProcessorsReady>(provider => provider.GetRequiredService<ProcessorsService>());
        services.AddHostedService(provider => provider.GetRequiredService<ProcessorsService>());
        return services;
    }
}

/// <summary>Says when the processors work.</summary>
public interface IProcessorsReady
{
    /// <summary>Ends when every topology runs with its state restored.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task WaitAsync(CancellationToken cancellationToken);
}
