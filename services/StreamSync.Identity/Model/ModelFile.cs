using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamSync.Identity;

/// <summary>
/// The stored form of a learnt model (JSON): level shares and weights, no value of any record. Frequencies are counted anew from the records
/// it is applied to.
/// </summary>
public static class ModelFile
{
    const int Format = 2;

    static readonly JsonSerializerOptions Options = new() { WriteIndented = false, RespectNullableAnnotations = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes a model.</summary>
    public static string Write(IdentityModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var stored = new Stored
        {
            Format = Format,
            Version = model.Version,
            Threshold = model.Threshold,
            ReviewFloor = model.ReviewFloor,
            UnscoredPair = model.UnscoredPair,
            PairLimit = model.PairLimit,
            NameConflictCeiling = model.NameConflictCeiling,
            NamesAloneCeiling = model.NamesAloneCeiling,
            WrongBirthDates = !model.BirthDatesCut,
            Partners = model.Scores.Partners,
            Housemates = model.Scores.Housemates,
        };
        for (var f = 0; f < Levels.FieldCount; f++)
        {
            stored.Fields.Add(((Field)f).ToString(), new StoredField { M = model.Scores.Fields[f].M, U = model.Scores.Fields[f].U });
        }

        if (model.Scores.Adjustments is { } adjustments)
        {
            for (var term = 0; term < adjustments.Weights.Count; term++)
            {
                if (adjustments.Weights[term] != 0)
                {
                    stored.Learnt.Add(term, adjustments.Weights[term]);
                }
            }
        }

        return JsonSerializer.Serialize(stored, Options);
    }

    /// <summary>Reads a model and fits its frequencies and prior to the records it will be applied to.</summary>
    /// <param name="json">What <see cref="Write"/> wrote.</param>
    /// <param name="file">Name of the file, for errors.</param>
    /// <param name="records">The records.</param>
    /// <exception cref="TableException">The text is no model of this version.</exception>
    public static IdentityModel Read(string json, string file, IReadOnlyList<PersonFeatures> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var stored = Parse(json, file);
        return new IdentityModel
        {
            Version = stored.Version,
            Threshold = stored.Threshold,
            ReviewFloor = stored.ReviewFloor,
            UnscoredPair = stored.UnscoredPair,
            PairLimit = stored.PairLimit,
            NameConflictCeiling = stored.NameConflictCeiling,
            NamesAloneCeiling = stored.NamesAloneCeiling,
            StrangeNamesCeiling = stored.PairLimit,
            WideKeys = true,
            BirthDatesCut = !stored.WrongBirthDates,
            Scores = ScoresOf(stored, file, FrequencyCounter.Count(records), FileModel.Prior(stored.Partners, records.Count)),
        };
    }

    /// <summary>
    /// Reads a model for records as they arrive: what was learnt of levels, with the shipped frequencies, keys and prior, because what arrives first
    /// must not decide what is rare.
    /// </summary>
    /// <param name="json">What <see cref="Write"/> wrote.</param>
    /// <param name="file">Name of the file, for errors.</param>
    /// <exception cref="TableException">The text is no model of this version.</exception>
    public static IdentityModel ReadForStreams(string json, string file)
    {
        var stored = Parse(json, file);
        var shipped = IdentityModel.Default.Scores;
        return IdentityModel.Default with { Version = stored.Version, Scores = ScoresOf(stored, file, shipped.Frequencies, shipped.Prior) };
    }

    static Stored Parse(string json, string file)
    {
        Stored? stored;
        try
        {
            stored = JsonSerializer.Deserialize<Stored>(json, Options);
        }
        catch (JsonException e)
        {
            throw new TableException($"{file}, line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1}: not a model; write one with 'streamsync identity train --out'.");
        }
        catch (InvalidOperationException)
        {
            throw new TableException($"{file}: not a model, for a part of it is null; write one with 'streamsync identity train --out'.");
        }

        if (stored is null || stored.Format != Format)
        {
            throw new TableException($"{file}: not a model of this version of the engine; train it again with 'streamsync identity train --out'.");
        }

        return stored;
    }

    static ScoreModel ScoresOf(Stored stored, string file, FrequencyTable frequencies, int prior)
    {
        var fields = new FieldParameters[Levels.FieldCount];
        for (var f = 0; f < fields.Length; f++)
        {
            var levels = Levels.Of((Field)f).Length;
            if (!stored.Fields.TryGetValue(((Field)f).ToString(), out var field) || field.M.Length < levels || field.U.Length < levels)
            {
                throw new TableException($"{file}: the model lacks levels of the field {(Field)f}; train it again with 'streamsync identity train --out'.");
            }

            if (!field.M.Concat(field.U).All(share => share is >= 0 and <= 1))
            {
                throw new TableException($"{file}: the model has a share of the field {(Field)f} that is not from 0 to 1; train it again with 'streamsync identity train --out'.");
            }

            fields[f] = new FieldParameters(field.M, field.U, ShippedModel.RarityShare((Field)f));
        }

        Adjustments? adjustments = null;
        if (stored.Learnt.Count > 0)
        {
            var weights = new int[Adjustments.Count];
            foreach (var (term, weight) in stored.Learnt)
            {
                if (term < 0 || term >= weights.Length)
                {
                    throw new TableException($"{file}: the model has a weight for a term {term} that this version of the engine does not know; train it again.");
                }

                weights[term] = weight;
            }

            adjustments = new Adjustments(weights);
        }

        return new ScoreModel(fields, frequencies, prior, stored.Partners, adjustments, stored.Housemates);
    }

    sealed class Stored
    {
        public int Format { get; set; }

        public string Version { get; set; } = "";

        public int Threshold { get; set; }

        public int ReviewFloor { get; set; }

        public int UnscoredPair { get; set; }

        public int PairLimit { get; set; }

        public int NameConflictCeiling { get; set; }

        public int NamesAloneCeiling { get; set; }

        /// <summary>Left out where birth dates are right, as in models written before it was told.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool WrongBirthDates { get; set; }

        public double Partners { get; set; }

        public double Housemates { get; set; }

        [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
        public SortedDictionary<string, StoredField> Fields { get; } = new(StringComparer.Ordinal);

        [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
        public SortedDictionary<int, int> Learnt { get; } = [];
    }

    sealed class StoredField
    {
        public double[] M { get; set; } = [];

        public double[] U { get; set; } = [];
    }
}
