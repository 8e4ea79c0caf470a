using StreamSync.SchemaGenerator;

// Usage: dotnet run --project schemas/generator -- SCHEMAS_FOLDER OUTPUT_FOLDER
if (args.Length != 2)
{
    await Console.Error.WriteLineAsync("usage: schema-generator SCHEMAS_FOLDER OUTPUT_FOLDER");
    return 2;
}

var files = ContractGenerator.Generate(args[0]);
Directory.CreateDirectory(args[1]);
foreach (var stale in Directory.EnumerateFiles(args[1], "*.cs").Where(f => !files.ContainsKey(Path.GetFileName(f))))
{
    File.Delete(stale);
}

foreach (var (name, text) in files)
{
    await File.WriteAllTextAsync(Path.Combine(args[1], name), text);
}

Console.WriteLine($"{files.Count} classes in {args[1]}");
return 0;
