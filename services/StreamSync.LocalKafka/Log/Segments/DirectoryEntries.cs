using System.Runtime.InteropServices;

namespace StreamSync.LocalKafka.Log.Segments;

/// <summary>
/// Forces a directory's entries to the disk. Without it a power failure may take back that a file was made or renamed, although the
/// file's own bytes were forced (fsync(2), NOTES). The framework offers no call for it.
/// </summary>
static class DirectoryEntries
{
    const int ReadOnly = 0;

    /// <summary>Forces what was made, renamed or deleted in a directory. Does nothing on Windows, whose file systems log that themselves.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(directory, ReadOnly);
        var failed = descriptor < 0 || Sync(descriptor) != 0;
        var reason = failed ? Marshal.GetLastPInvokeErrorMessage() : null;
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
        }

        if (failed)
        {
            throw new IOException($"The directory {directory} could not be forced to the disk: {reason}.");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    static extern int Close(int descriptor);
}
