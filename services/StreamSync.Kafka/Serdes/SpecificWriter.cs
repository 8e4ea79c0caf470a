using Avro;
using Avro.IO;
using Avro.Specific;

namespace StreamSync.Kafka.Serdes;

/// <summary>Avro's writer of generated classes, except that it writes texts, which most fields are, without an object for each.</summary>
/// <typeparam name="T">Generated class.</typeparam>
/// <param name="schema">Schema of the class.</param>
sealed class SpecificWriter<T>(Schema schema) : SpecificDatumWriter<T>(schema)
{
    protected override void WriteRecordFields(object recordObj, RecordFieldWriter[] writers, Encoder encoder)
    {
        var record = (ISpecificRecord)recordObj;
        foreach (var writer in writers)
        {
            switch (record.Get(writer.Field.Pos), writer.Field.Schema)
            {
                case (string text, PrimitiveSchema { Tag: Schema.Type.String }):
                    encoder.WriteString(text);
                    break;
                case (string text, UnionSchema { Count: 2 } union) when BranchOf(Schema.Type.String, union) is >= 0 and var branch:
                    encoder.WriteUnionIndex(branch);
                    encoder.WriteString(text);
                    break;
                case (null, UnionSchema { Count: 2 } union) when BranchOf(Schema.Type.Null, union) is >= 0 and var branch:
                    encoder.WriteUnionIndex(branch);
                    break;
                case var (value, _):
                    writer.WriteField(value, encoder);
                    break;
            }
        }
    }

    static int BranchOf(Schema.Type type, UnionSchema union) => union[0].Tag == type ? 0 : union[1].Tag == type ? 1 : -1;
}
