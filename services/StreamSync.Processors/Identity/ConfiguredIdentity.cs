using StreamSync.Identity;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Processors.Identity;

/// <summary>What identity resolution goes by, as configured.</summary>
/// <param name="Model">Weights and threshold.</param>
/// <param name="Region">ISO region of telephone numbers without country code.</param>
public sealed record ConfiguredIdentity(IdentityModel Model, string Region)
{
    /// <summary>Reads it.</summary>
    /// <param name="config">Configuration; a relative path of the model starts at its file.</param>
    /// <exception cref="ConfigException">The model can't be read or is none, or there is no such region; holds every error with its place.</exception>
    public static ConfiguredIdentity Load(StreamSyncConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var errors = new List<ConfigError>();
        var model = IdentityModel.Default;
        if (config.Identity.Model is { } name)
        {
            var place = config.PlaceOf("identity", "model");
            var path = Path.Combine(config.BaseDirectory, name);
            try
            {
                model = ModelFile.ReadForStreams(File.ReadAllText(path), path);
            }
            catch (TableException e)
            {
                errors.Add(new ConfigError(place, "'model' names no model of this version", e.Message));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                errors.Add(new ConfigError(place, $"the model {path} can't be read ({(File.Exists(path) ? "no permission, or it is in use" : "there is no such file")})", "write one with 'streamsync identity train FILE... --out MODEL', or take the key out for the shipped one"));
            }
        }

        if (!PhoneNormalizer.KnowsRegion(config.Identity.Region))
        {
            errors.Add(new ConfigError(config.PlaceOf("identity", "region"), $"'region' is '{config.Identity.Region}', which is no region of telephone numbers", "write an ISO code of two capital letters, such as US, CA or MX"));
        }

        return errors.Count == 0 ? new ConfiguredIdentity(model, config.Identity.Region) : throw new ConfigException(errors);
    }
}
