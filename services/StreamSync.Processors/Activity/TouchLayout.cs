using System.Buffers.Binary;
using System.Text;
using Avro;
using StreamSync.Contracts.Activity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>What a touch gets by joins; the rest of it is known from the start.</summary>
readonly record struct TouchJoin(string? PersonId, string? CanvasserName, string? CanvasserKind, string? CanvasserRef, string? CanvasserPersonRef, string? CanvasserBasis, DateTime UpdatedAt);

/// <summary>
/// Touches are kept and sent between stages as pieces of their Avro encoding around the joined fields, so that writing one again with another
/// person costs no decoding. The pieces follow the schema, whatever fields it gains.
/// </summary>
static class TouchLayout
{
    static readonly string[] Joined = ["person_id", "canvasser_name", "canvasser_kind", "canvasser_ref", "canvasser_person_ref", "canvasser_basis", "updated_at"];

    static readonly Field[] Fields = [.. ((RecordSchema)Touch._SCHEMA).Fields];

    static readonly string[] JoinedInOrder = [.. Fields.Select(f => f.Name).Where(Joined.Contains)];

    /// <summary>Appends the pieces of a touch, each with its length.</summary>
    /// <param name="touch">Touch; joined fields are left out.</param>
    /// <param name="writer">Takes the pieces.</param>
    /// <param name="piece">Room for one piece.</param>
    public static void Write(Touch touch, PackWriter writer, PackWriter piece)
    {
        piece.Clear();
        foreach (var field in Fields)
        {
            if (Joined.Contains(field.Name))
            {
                writer.Bytes(piece.Written);
                piece.Clear();
            }
            else
            {
                WriteField(piece, field, touch.Get(field.Pos));
            }
        }

        writer.Bytes(piece.Written);
    }

    /// <summary>The encoded touch, in Confluent's wire format.</summary>
    /// <param name="pieces">Reader at the pieces.</param>
    /// <param name="join">The joined fields.</param>
    /// <param name="schemaId">Id of the schema.</param>
    /// <param name="writer">Room for it.</param>
    public static byte[] Encode(ref PackReader pieces, in TouchJoin join, int schemaId, PackWriter writer)
    {
        writer.Clear();
        Span<byte> head = stackalloc byte[5];
        head[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], schemaId);
        writer.Raw(head);
        foreach (var name in JoinedInOrder)
        {
            writer.Raw(pieces.Bytes());
            if (name == "updated_at")
            {
                WriteTime(writer, join.UpdatedAt);
            }
            else
            {
                WriteOptional(writer, name switch
                {
                    "person_id" => join.PersonId,
                    "canvasser_name" => join.CanvasserName,
                    "canvasser_kind" => join.CanvasserKind,
                    "canvasser_ref" => join.CanvasserRef,
                    "canvasser_person_ref" => join.CanvasserPersonRef,
                    _ => join.CanvasserBasis,
                });
            }
        }

        writer.Raw(pieces.Bytes());
        return writer.ToArray();
    }

    static void WriteField(PackWriter writer, Field field, object? value)
    {
        switch (field.Schema)
        {
            case PrimitiveSchema { Tag: Schema.Type.String }:
                WriteText(writer, (string?)value ?? throw new InvalidDataException($"a touch needs its {field.Name}"));
                break;
            case LogicalSchema:
                WriteTime(writer, (DateTime)value!);
                break;
            case UnionSchema { Schemas: [PrimitiveSchema { Tag: Schema.Type.Null }, PrimitiveSchema { Tag: Schema.Type.String }] }:
                WriteOptional(writer, (string?)value);
                break;
            case UnionSchema { Schemas: [PrimitiveSchema { Tag: Schema.Type.Null }, LogicalSchema] }:
                writer.Number(value is null ? 0 : 1);
                if (value is DateTime time)
                {
                    WriteTime(writer, time);
                }

                break;
            default:
                throw new NotSupportedException($"the field {field.Name} of activity.touch has a type that this layout does not write: extend it");
        }
    }

    static void WriteOptional(PackWriter writer, string? value)
    {
        writer.Number(value is null ? 0 : 1);
        if (value is not null)
        {
            WriteText(writer, value);
        }
    }

    static void WriteText(PackWriter writer, string value)
    {
        writer.Number(Encoding.UTF8.GetByteCount(value));
        writer.Utf8(value);
    }

    static void WriteTime(PackWriter writer, DateTime time) => writer.Number((time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
}
