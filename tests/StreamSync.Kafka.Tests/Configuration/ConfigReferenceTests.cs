using StreamSync.Kafka.Configuration;
using StreamSync.Tests;

namespace StreamSync.Kafka.Tests.Configuration;

public class ConfigReferenceTests
{
    const string Update = "STREAMSYNC_UPDATE_REFERENCE";

    static readonly string Reference = Path.Combine(RepositoryRoot.Path, "services", "StreamSync.Kafka", "Configuration", "REFERENCE.md");

    [Fact]
    public void The_reference_in_the_repository_is_current()
    {
        var text = ConfigReference.ToMarkdown();
        if (Environment.GetEnvironmentVariable(Update) is not null)
        {
            File.WriteAllText(Reference, text);
        }

        Assert.True(text == File.ReadAllText(Reference), $"{Reference} is not what the types say: run this test with {Update}=1 in the environment");
    }
}
