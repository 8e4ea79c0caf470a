using System.Diagnostics;
using System.Globalization;

namespace StreamSync.Bench;

/// <summary>What Linux tells of a process, and its signals.</summary>
static class ProcessFacts
{
    /// <summary>A size in <c>/proc/PID/status</c>, such as VmRSS (in use) or VmHWM (its peak), MiB.</summary>
    public static double Mib(int id, string member)
    {
        var line = File.ReadLines($"/proc/{id}/status").First(l => l.StartsWith(member + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Asks a process to stop (SIGTERM).</summary>
    public static void Terminate(int id)
    {
        using var kill = Process.Start("kill", ["-TERM", id.ToString(CultureInfo.InvariantCulture)]);
    }
}
