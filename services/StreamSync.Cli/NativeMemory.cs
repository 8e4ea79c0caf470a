using System.Runtime.InteropServices;

namespace StreamSync.Cli;

/// <summary>How the C library of the process keeps memory.</summary>
static class NativeMemory
{
    /// <summary>M_ARENA_MAX of glibc's malloc.h.</summary>
    const int ArenaMax = -8;

    const int Arenas = 2;

    /// <summary>
    /// Lets the many threads of Kafka clients and DuckDB share two heaps. By itself glibc gives each its own, where freed memory stays.
    /// Does nothing on other C libraries.
    /// </summary>
    public static void ShareHeaps()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(ArenaMax, Arenas);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int SetOption(int option, int value);
}
