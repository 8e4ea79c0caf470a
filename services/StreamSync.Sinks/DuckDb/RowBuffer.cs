using DuckDB.NET.Native;
using StreamSync.Sinks.DuckDb.Filling;
using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb;

/// <summary>Rows on their way into a <see cref="QueryAppender"/>, a chunk at a time. Between flushes it holds no memory of DuckDB's.</summary>
sealed class RowBuffer(QueryAppender appender, IReadOnlyList<VectorNode> columns) : IDisposable
{
    static readonly int ChunkRows = (int)Helpers.DuckDBVectorSize();

    DuckDBDataChunk? _chunk;
    int _row;

    /// <summary>Where the next row goes, in every column.</summary>
    public int Row
    {
        get
        {
            if (_chunk is null)
            {
                _chunk = appender.CreateChunk();
                Start();
            }

            return _row;
        }
    }

    /// <summary>Keeps the row.</summary>
    public void Keep()
    {
        foreach (var column in columns)
        {
            column.Commit();
        }

        if (++_row == ChunkRows)
        {
            Append();
        }
    }

    /// <summary>Forgets the row, so that the next one is written over it.</summary>
    public void Forget()
    {
        foreach (var column in columns)
        {
            column.Rollback();
        }
    }

    /// <summary>Runs the appender's statement on the rows kept since the last flush.</summary>
    public void Flush()
    {
        if (_chunk is null)
        {
            return;
        }

        if (_row > 0)
        {
            Append();
        }

        appender.Flush();
        _chunk.Dispose();
        _chunk = null;
    }

    public void Dispose()
    {
        _chunk?.Dispose();
        appender.Dispose();
    }

    void Append()
    {
        appender.Append(_chunk!, _row);
        DataChunks.DuckDBDataChunkReset(_chunk!);
        Start();
    }

    void Start()
    {
        _row = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            columns[i].Bind(DataChunks.DuckDBDataChunkGetVector(_chunk!, i), fresh: true);
        }
    }
}
