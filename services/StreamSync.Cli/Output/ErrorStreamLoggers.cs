using Microsoft.Extensions.Logging;

namespace StreamSync.Cli.Output;

/// <summary>
/// Writes warnings and errors to a stream, one line each. It stands in for the console logger of the framework, whose start would take
/// longer than the broker's.
/// </summary>
sealed class ErrorStreamLoggers(TextWriter output) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Lines(output);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("It writes to one stream only.");

    public void Dispose()
    {
    }

    sealed class Lines(TextWriter output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var word = logLevel == LogLevel.Warning ? "warning" : "error";
                output.WriteLine($"{word}: {formatter(state, exception)}{(exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})")}");
            }
        }
    }
}
