using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb.Filling;

/// <summary>A vector of lists, or of maps, which DuckDB keeps as lists of key and value.</summary>
sealed unsafe class ListVector(VectorNode child) : VectorNode
{
    int _capacity;
    int _count;
    int _committed;

    public VectorNode Child => child;

    public override void Bind(nint vector, bool fresh)
    {
        base.Bind(vector, fresh);
        if (fresh)
        {
            _count = 0;
            _committed = 0;
            _capacity = (int)Helpers.DuckDBVectorSize();
        }

        BindChild(_capacity, fresh);
    }

    /// <summary>Starts a list at a row; <see cref="Add"/> brings its items.</summary>
    public void Begin(int row)
    {
        SetValid(row);
        ((Entry*)Data)[row] = new Entry((ulong)_count, 0);
    }

    /// <summary>Makes room for one more item of the list begun at a row.</summary>
    /// <returns>The item's index in <see cref="Child"/>.</returns>
    public int Add(int row)
    {
        if (_count == _capacity)
        {
            BindChild(checked(_capacity * 2), fresh: false);
        }

        ((Entry*)Data)[row].Length++;
        return _count++;
    }

    /// <summary>Writes null, with an empty range beneath, in which nothing dangles.</summary>
    public override void SetNull(int row)
    {
        base.SetNull(row);
        ((Entry*)Data)[row] = default;
    }

    public override void Commit()
    {
        _committed = _count;
        Check(Vectors.DuckDBListVectorSetSize(Vector, (ulong)_count));
        child.Commit();
    }

    public override void Rollback()
    {
        _count = _committed;
        child.Rollback();
    }

    void BindChild(int capacity, bool fresh)
    {
        Check(Vectors.DuckDBListVectorReserve(Vector, (ulong)capacity));
        _capacity = capacity;
        // The size must cover what was written before, or growing would copy too little.
        Check(Vectors.DuckDBListVectorSetSize(Vector, (ulong)_count));
        child.Bind(Vectors.DuckDBListVectorGetChild(Vector), fresh);
    }

    static void Check(DuckDB.NET.Native.DuckDBState state)
    {
        if (state != DuckDB.NET.Native.DuckDBState.Success)
        {
            throw new InvalidOperationException("DuckDB could not grow a list");
        }
    }

    /// <summary><c>duckdb_list_entry</c> of duckdb.h.</summary>
    struct Entry(ulong offset, ulong length)
    {
        public ulong Offset = offset;
        public ulong Length = length;
    }
}

/// <summary>A vector of structs: one vector a field.</summary>
sealed class StructVector(StructType type) : VectorNode
{
    readonly VectorNode[] _children = [.. type.Fields.Select(f => Of(f.Type))];

    public StructType Type => type;

    public IReadOnlyList<VectorNode> Children => _children;

    public override void Bind(nint vector, bool fresh)
    {
        base.Bind(vector, fresh);
        for (var i = 0; i < _children.Length; i++)
        {
            _children[i].Bind(Vectors.DuckDBStructVectorGetChild(vector, i), fresh);
        }
    }

    public void Begin(int row) => SetValid(row);

    /// <summary>Writes null, into the fields too: DuckDB expects no values under a null struct.</summary>
    public override void SetNull(int row)
    {
        base.SetNull(row);
        foreach (var child in _children)
        {
            child.SetNull(row);
        }
    }

    public override void Commit()
    {
        foreach (var child in _children)
        {
            child.Commit();
        }
    }

    public override void Rollback()
    {
        foreach (var child in _children)
        {
            child.Rollback();
        }
    }
}
