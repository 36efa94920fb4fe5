using System.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// The samples of an unfinished run, in order, batch by batch: <c>samples.partial.jsonl</c>. The first line names the run; after the samples of a batch stands
/// a line with the number of samples so far. What follows the last such line was interrupted and does not count.
/// </summary>
internal sealed class SampleLedger : IDisposable
{
    public const string FileName = "samples.partial.jsonl";

    private readonly FileStream _file;
    private readonly List<Sample> _samples;

    private SampleLedger(FileStream file, List<Sample> samples) => (_file, _samples) = (file, samples);

    /// <summary>The finished samples, in the order of the run.</summary>
    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>Opens the ledger of a run, with what an earlier start finished; that of another run is begun anew.</summary>
    public static SampleLedger Open(string path, string fingerprint)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            (List<Sample> samples, long length) = ReadCommitted(file, Header(fingerprint));
            file.SetLength(length);
            file.Seek(0, SeekOrigin.End);
            if (length == 0)
            {
                file.Write(Encoding.UTF8.GetBytes(Header(fingerprint) + "\n"));
                file.Flush(flushToDisk: true);
            }
            return new SampleLedger(file, samples);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a batch through to disk.</summary>
    public void Append(IReadOnlyList<Sample> batch)
    {
        var lines = new StringBuilder();
        foreach (Sample sample in batch) lines.Append(sample.ToJson()).Append('\n');
        lines.Append(Commit(_samples.Count + batch.Count)).Append('\n');
        _file.Write(Encoding.UTF8.GetBytes(lines.ToString()));
        _file.Flush(flushToDisk: true);
        _samples.AddRange(batch);
    }

    public void Dispose() => _file.Dispose();

    private static string Header(string fingerprint) => $"{{\"fingerprint\": \"{fingerprint}\"}}";

    private static string Commit(int count) => $"{{\"finished\": {count}}}";

    /// <summary>The samples before the last commit, and the bytes up to its end.</summary>
    private static (List<Sample> Samples, long Length) ReadCommitted(FileStream file, string header)
    {
        var content = new byte[file.Length];
        file.ReadExactly(content);
        var committed = new List<Sample>();
        var batch = new List<Sample>();
        long length = 0;
        int start = 0;
        while (Array.IndexOf(content, (byte)'\n', start) is int end and >= 0)
        {
            string line = Encoding.UTF8.GetString(content, start, end - start);
            bool isFirst = start == 0;
            start = end + 1;
            if (isFirst)
            {
                if (line != header) break;
                length = start;
            }
            else if (line == Commit(committed.Count + batch.Count))
            {
                committed.AddRange(batch);
                batch.Clear();
                length = start;
            }
            else if (TryParse(line) is { } sample) batch.Add(sample);
            else break;
        }
        return (committed, length);
    }

    private static Sample? TryParse(string line)
    {
        try
        {
            return Sample.Parse(JsonLines.ParseObject(line));
        }
        catch (InvalidDataException)
        {
            return null; // a line torn by an interruption: it and what follows are asked again
        }
    }
}
