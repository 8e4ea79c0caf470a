using System.Runtime.InteropServices;
using System.Text;

namespace StreamSync.Connectors.Files;

/// <summary>
/// What a name in a folder stands for. Only a regular file may be opened: opening a named pipe waits for its other end, which may never come,
/// and a device may have no end at all.
/// </summary>
static class FileKind
{
    // The mode of POSIX: these bits and values are the same on every Unix.
    const int TypeBits = 0xF000;
    const int Regular = 0x8000;

    /// <summary>The runtime's record begins with flags and mode; the room behind them is more than it fills.</summary>
    const int RecordSize = 512, ModeAt = 4;

    /// <summary>What it is when it is no regular file, in words; null for a regular file, one that is gone, and one that can't be looked at.</summary>
    /// <param name="path">Path; links are followed.</param>
    public static string? OtherThanFile(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var record = new byte[RecordSize];
        if (Stat(Encoding.UTF8.GetBytes(path + '\0'), record) != 0)
        {
            return null;
        }

        return (BitConverter.ToInt32(record, ModeAt) & TypeBits) switch
        {
            Regular => null,
            0x1000 => "a named pipe",
            0x2000 or 0x6000 => "a device",
            0x4000 => "a folder",
            0xC000 => "a socket",
            _ => "no regular file",
        };
    }

    /// <summary>The runtime's own stat: .NET tells no types beyond file, folder and link, and the C library's record differs between systems.</summary>
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Stat(byte[] path, byte[] record);
}
