using System.Diagnostics;

namespace StreamSync.Clients.Tests.Clients;

/// <summary>Runs other people's programs.</summary>
static class Tool
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Runs a program to its end; it has to end well.</summary>
    /// <returns>What it wrote to its output.</returns>
    public static Task<string> RunAsync(string program, IEnumerable<string> arguments, string? input = null) =>
        RunAsync(new ProcessStartInfo(program, arguments), input);

    /// <inheritdoc cref="RunAsync(string, IEnumerable{string}, string?)"/>
    public static async Task<string> RunAsync(ProcessStartInfo start, string? input = null)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end: {await output}{await errors}");
        }

        Assert.True(process.ExitCode == 0, $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {await output}{await errors}");
        return await output;
    }

    /// <summary>Where a program is, or null.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>A script of this project.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    /// <summary>A name that no other test uses.</summary>
    public static string UniqueName(string word) => $"{word}-{Guid.NewGuid():N}";
}
