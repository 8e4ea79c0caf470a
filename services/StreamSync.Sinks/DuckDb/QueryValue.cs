using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace StreamSync.Sinks.DuckDb;

/// <summary>Brings DuckDB's values to the few kinds that <see cref="Contracts.QueryResult"/> promises.</summary>
static class QueryValue
{
    /// <summary>The value as null, string, bool, number, DateTime (UTC) or a list of such; structs and maps as JSON text, bytes as hexadecimal text.</summary>
    public static object? Of(object? value) => value switch
    {
        null or DBNull => null,
        string or bool or int or long or double or decimal => value,
        sbyte or short or byte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ulong number => number <= long.MaxValue ? (long)number : (decimal)number,
        float number => (double)number,
        BigInteger number => Integer(number),
        DateTime time => DateTime.SpecifyKind(time, DateTimeKind.Utc),
        DateTimeOffset time => time.UtcDateTime,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        Stream bytes => Hex(bytes),
        IDictionary map => JsonSerializer.Serialize(Json(map)),
        IEnumerable list => list.Cast<object?>().Select(Of).ToList(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    static object Integer(BigInteger number) =>
        number >= long.MinValue && number <= long.MaxValue ? (long)number
        : BigInteger.Abs(number) <= (BigInteger)decimal.MaxValue ? (decimal)number
        : number.ToString(CultureInfo.InvariantCulture);

    static string Hex(Stream bytes)
    {
        using (bytes)
        {
            var buffer = new byte[bytes.Length];
            bytes.ReadExactly(buffer);
            return Convert.ToHexStringLower(buffer);
        }
    }

    static object? Json(object? value) => value switch
    {
        IDictionary map => map.Keys.Cast<object>().ToDictionary(k => Convert.ToString(k, CultureInfo.InvariantCulture)!, k => Json(map[k])),
        string => value,
        IEnumerable list => list.Cast<object?>().Select(Json).ToList(),
        _ => Of(value),
    };
}
