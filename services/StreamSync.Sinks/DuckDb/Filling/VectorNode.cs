using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb.Filling;

/// <summary>
/// A DuckDB vector that rows are written into, by pointer: a value costs no object and, for numbers and short texts, no call.
/// A row is written at the same index in every vector of its chunk; a row that fails half-way is written over by the next.
/// </summary>
abstract unsafe class VectorNode
{
    ulong* _validity;

    protected nint Vector { get; private set; }

    protected void* Data { get; private set; }

    /// <summary>Makes the node of a type.</summary>
    public static VectorNode Of(SqlType type) => type switch
    {
        ScalarType scalar => new ScalarVector(scalar.Kind),
        ListType list => new ListVector(Of(list.Item)),
        MapType map => new ListVector(new StructVector(new StructType([new("key", ScalarType.VarChar), new("value", map.Value)]))),
        StructType structure => new StructVector(structure),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Points the node at a vector.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="fresh">True for an empty vector; false when it only moved because a list grew.</param>
    public virtual void Bind(nint vector, bool fresh)
    {
        Vector = vector;
        Vectors.DuckDBVectorEnsureValidityWritable(vector);
        Data = Vectors.DuckDBVectorGetData(vector);
        _validity = Vectors.DuckDBVectorGetValidity(vector);
    }

    /// <summary>Writes null.</summary>
    public virtual void SetNull(int row) => _validity[row >> 6] &= ~(1UL << (row & 63));

    /// <summary>Keeps what the rows before this call wrote.</summary>
    public virtual void Commit()
    {
    }

    /// <summary>Forgets what was written since the last <see cref="Commit"/>.</summary>
    public virtual void Rollback()
    {
    }

    protected void SetValid(int row) => _validity[row >> 6] |= 1UL << (row & 63);
}
