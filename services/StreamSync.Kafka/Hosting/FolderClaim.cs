namespace StreamSync.Kafka.Hosting;

/// <summary>
/// Says that this process has a data folder in use, from before it is ready until everything is closed: <c>process.json</c> in the folder. The
/// instance's own description is there only while it answers. Disposing takes it back.
/// </summary>
public sealed class FolderClaim : IDisposable
{
    readonly DataFolder _folder;

    FolderClaim(DataFolder folder) => _folder = folder;

    /// <summary>Makes the claim for this process; the folder is made where it is missing.</summary>
    /// <param name="folder">Data folder.</param>
    public static FolderClaim Make(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder.Create();
        Write(folder, isStopping: false);
        return new FolderClaim(folder);
    }

    /// <summary>Notes that this process is about to end.</summary>
    public void SayStopping() => Write(_folder, isStopping: true);

    /// <summary>The process that has a folder in use and does not answer yet or any more; null when there is none, also when one that died left its claim.</summary>
    /// <param name="folder">Data folder.</param>
    public static BusyProcess? FindBusy(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return InstanceFile.Read<Claim>(folder.ClaimFile) is { } claim && InstanceFile.IsAlive(claim.Pid, claim.ProcessStartedAt) && InstanceFile.FindRunning(folder)?.Pid != claim.Pid
            ? new BusyProcess(folder.Root, claim.Pid, claim.IsStopping) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (InstanceFile.Read<Claim>(_folder.ClaimFile)?.Pid == Environment.ProcessId)
        {
            File.Delete(_folder.ClaimFile);
        }
    }

    static void Write(DataFolder folder, bool isStopping) =>
        InstanceFile.WriteWhole(folder.ClaimFile, new Claim(Environment.ProcessId, InstanceFile.ThisProcessStartedAt(), isStopping), Environment.ProcessId);

    sealed record Claim(int Pid, DateTimeOffset ProcessStartedAt, bool IsStopping);
}

/// <summary>A process that has a data folder in use and does not answer.</summary>
/// <param name="Folder">Root of the data folder.</param>
/// <param name="Pid">Process id.</param>
/// <param name="IsStopping">True when it is about to end, false when it is starting.</param>
public sealed record BusyProcess(string Folder, int Pid, bool IsStopping)
{
    /// <summary>Says so, without a full stop.</summary>
    public override string ToString() => $"StreamSync {(IsStopping ? "stops" : "starts")} on {Folder} (process {Pid})";
}
