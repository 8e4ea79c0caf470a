using System.Reflection;
using Avro;
using Avro.IO;
using Avro.Specific;

namespace StreamSync.Kafka.Serdes;

/// <summary>Avro's reader of generated classes, except that it looks up the type of a list once and not for each list.</summary>
/// <typeparam name="T">Generated class.</typeparam>
/// <param name="writer">Schema that wrote the bytes.</param>
/// <param name="reader">Schema of the class.</param>
sealed class SpecificReader<T>(Schema writer, Schema reader) : SpecificDatumReader<T>(writer, reader)
{
    protected override ArrayAccess GetArrayAccess(ArraySchema readerSchema) => new ListAccess(base.GetArrayAccess(readerSchema));

    static object New<TList>()
        where TList : new() => new TList();

    sealed class ListAccess(ArrayAccess inner) : ArrayAccess
    {
        Func<object>? _new;

        public object Create(object reuse) => reuse is null ? (_new ??= Creator())() : inner.Create(reuse);

        public void EnsureSize(ref object array, int targetSize) => inner.EnsureSize(ref array, targetSize);

        public void Resize(ref object array, int targetSize) => inner.Resize(ref array, targetSize);

        public void AddElements(object array, int elements, int index, ReadItem itemReader, Decoder decoder, bool reuse) =>
            inner.AddElements(array, elements, index, itemReader, decoder, reuse);

        Func<object> Creator() => typeof(SpecificReader<T>).GetMethod(nameof(New), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(inner.Create(null!).GetType()).CreateDelegate<Func<object>>();
    }
}
