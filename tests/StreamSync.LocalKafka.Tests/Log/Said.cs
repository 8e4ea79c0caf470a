using Microsoft.Extensions.Logging;

namespace StreamSync.LocalKafka.Tests.Log;

/// <summary>What was told to the operator: warnings and errors.</summary>
sealed class Said : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Lines.Add(formatter(state, exception));
        }
    }
}
