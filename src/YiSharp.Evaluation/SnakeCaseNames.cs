using System.Text.Json;
using System.Text.Json.Serialization;

namespace YiSharp.Evaluation;

/// <summary>Names of an enumeration in JSON, such as "alone_only"; numbers are refused.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed class SnakeCaseNames<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
