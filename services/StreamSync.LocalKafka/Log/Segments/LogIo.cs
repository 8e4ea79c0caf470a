using Microsoft.Win32.SafeHandles;

namespace StreamSync.LocalKafka.Log.Segments;

/// <summary>The file operations that a full or failing disk can refuse; tests make them fail at will.</summary>
class LogIo
{
    public static readonly LogIo Default = new();

    /// <summary>Opens for reading and writing.</summary>
    public virtual SafeFileHandle Open(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> data, long position) => RandomAccess.Write(file, data, position);

    public virtual void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>Forces to the disk that files in a directory were made or renamed.</summary>
    public virtual void FlushDirectory(string directory) => DirectoryEntries.Flush(directory);

    /// <summary>Gives a file another name, durably; one of that name is replaced.</summary>
    public void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(to)!);
    }

    /// <summary>Replaces a file whole: a crash leaves the old one or the new one, never a part.</summary>
    /// <param name="path">The file.</param>
    /// <param name="data">Its new content.</param>
    /// <param name="flush">Whether that must hold for a power failure too.</param>
    public void Replace(string path, ReadOnlySpan<byte> data, bool flush)
    {
        var temporary = path + FileNames.Temporary;
        try
        {
            using (var file = Open(temporary, FileMode.Create))
            {
                Write(file, data, 0);
                if (flush)
                {
                    Flush(file);
                }
            }

            File.Move(temporary, path, overwrite: true);
            if (flush)
            {
                FlushDirectory(Path.GetDirectoryName(path)!);
            }
        }
        catch (IOException)
        {
            // Half a file would take the very space that is missing.
            File.Delete(temporary);
            throw;
        }
    }
}
