using StreamSync.Tests;

namespace StreamSync.Cli.Tests;

public class GeneratedDocsTests
{
    [Fact]
    public void Generated_pages_are_current() => Assert.All(
        GeneratedDocs.All(),
        page => Assert.True(File.Exists(Path.Combine(RepositoryRoot.Path, page.Path)) && File.ReadAllText(Path.Combine(RepositoryRoot.Path, page.Path)) == page.Text, $"{page.Path} is not what the code says: run 'make generate'"));
}
