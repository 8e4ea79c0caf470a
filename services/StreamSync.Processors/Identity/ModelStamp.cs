using System.Buffers.Binary;
using StreamSync.Identity;

namespace StreamSync.Processors.Identity;

/// <summary>Which model weighed what a state keeps, so that another one is noticed at a start.</summary>
/// <param name="model">The present model.</param>
sealed class ModelStamp(IdentityModel model)
{
    ulong? _kept;
    bool _changed;

    public ulong Present { get; } = model.Stamp;

    /// <summary>True when what is kept was weighed by another model.</summary>
    /// <param name="holdsAny">True when anything is kept.</param>
    public bool IsAnother(bool holdsAny) => _kept is { } kept ? kept != Present : holdsAny;

    /// <summary>Goes over to the present model; true when what is kept was weighed by another.</summary>
    /// <param name="holdsAny">True when anything is kept.</param>
    public bool Take(bool holdsAny)
    {
        var isAnother = IsAnother(holdsAny);
        _changed |= _kept != Present;
        _kept = Present;
        return isAnother;
    }

    public void Restore(byte[]? value) => _kept = value is null ? null : BinaryPrimitives.ReadUInt64LittleEndian(value);

    public void WriteChanges(Action<byte[]> write)
    {
        if (_changed)
        {
            var value = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(value, Present);
            write(value);
            _changed = false;
        }
    }
}
