using System.Globalization;

namespace StreamSync.Kafka.Configuration;

/// <summary>Turns single values into typed ones, with an error that names the place, never a secret's value.</summary>
static class ScalarReader
{
    public const string DurationRemedy = "write a number with its unit: 500ms, 30s, 15m, 2h or 1d";

    public static long? Integer(ConfigScalar value, string name, long min, long max, ICollection<ConfigError> errors)
    {
        if (!long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            errors.Add(new ConfigError(value.Place, $"'{name}' is {value}, which is no whole number", "write digits only, without unit"));
            return null;
        }

        if (number < min || number > max)
        {
            var range = (min, max) switch
            {
                (_, long.MaxValue) => $"write {min} or more",
                (long.MinValue, _) => $"write {max} or less",
                _ => $"write a number from {min} to {max}",
            };
            errors.Add(new ConfigError(value.Place, $"'{name}' is {value}, which is out of range", range));
            return null;
        }

        return number;
    }

    public static double? Share(ConfigScalar value, string name, ICollection<ConfigError> errors)
    {
        if (double.TryParse(value.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share <= 1)
        {
            return share;
        }

        errors.Add(new ConfigError(value.Place, $"'{name}' is {value}, which is no share", "write a number from 0 to 1, such as 0.5 for a half"));
        return null;
    }

    public static bool? Boolean(ConfigScalar value, string name, ICollection<ConfigError> errors)
    {
        switch (value.Text)
        {
            case "true" or "True" or "TRUE":
                return true;
            case "false" or "False" or "FALSE":
                return false;
            default:
                errors.Add(new ConfigError(value.Place, $"'{name}' is {value}, which is neither true nor false", "write true or false"));
                return null;
        }
    }

    public static DateOnly? Date(ConfigScalar value, string name, ICollection<ConfigError> errors)
    {
        if (DateOnly.TryParseExact(value.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        errors.Add(new ConfigError(value.Place, $"'{name}' is {value}, which is no date", "write year, month and day: 2026-11-03"));
        return null;
    }

    public static TimeSpan? Duration(ConfigScalar value, string name, ICollection<ConfigError> errors)
    {
        if (TryParseDuration(value.Text, out var span))
        {
            return span;
        }

        errors.Add(new ConfigError(value.Place, $"'{name}' is {value}, which is no duration", DurationRemedy));
        return null;
    }

    /// <summary>Reads <c>500ms</c>, <c>30s</c>, <c>15m</c>, <c>2h</c>, <c>1d</c>, with or without a decimal fraction.</summary>
    public static bool TryParseDuration(string? text, out TimeSpan span)
    {
        span = default;
        text = text?.Trim() ?? "";
        var digits = text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz");
        double? unit = text[digits.Length..] switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => null,
        };
        if (unit is null || !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number * unit > TimeSpan.MaxValue.TotalMilliseconds)
        {
            return false;
        }

        span = TimeSpan.FromMilliseconds(number * unit.Value);
        return true;
    }

    public static bool IsOneOf(ConfigScalar value, string name, IReadOnlyList<string> words, ICollection<ConfigError> errors)
    {
        if (words.Contains(value.Text))
        {
            return true;
        }

        var near = value.IsSecret ? null : NearestName.Find(value.Text ?? "", words);
        errors.Add(new ConfigError(value.Place, $"'{name}' is {value}, which is not among its words", near is null ? $"write one of: {string.Join(", ", words)}" : $"did you mean '{near}'? All: {string.Join(", ", words)}"));
        return false;
    }
}
