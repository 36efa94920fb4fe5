using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using YiSharp.Checkpoints;

namespace YiSharp.Evaluation;

/// <summary>
/// The samples of an unfinished run, in order: a SQLite file, a transaction a batch. What was interrupted is not there; what is there is whole. A ledger of another run,
/// or one that is damaged, is begun anew.
/// </summary>
internal sealed class SampleLedger : IDisposable
{
    public const string FileName = "samples.partial.db";

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS run (fingerprint TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS sample (ordinal INTEGER PRIMARY KEY, task TEXT NOT NULL, correct INTEGER NOT NULL, line TEXT NOT NULL, hash BLOB NOT NULL);
        """;

    private readonly SqliteConnection _connection;

    private SampleLedger(SqliteConnection connection)
    {
        _connection = connection;
        Count = (int)(long)Scalar("SELECT COUNT(*) FROM sample")!;
    }

    /// <summary>Finished samples: the first ones of the run.</summary>
    public int Count { get; private set; }

    /// <summary>Opens the ledger of a run, with what an earlier start finished.</summary>
    public static SampleLedger Open(string path, string fingerprint)
    {
        if (TryOpen(path, fingerprint) is { } ledger) return ledger;
        Delete(path);
        return TryOpen(path, fingerprint) ?? throw new InvalidDataException($"{path} cannot be made; a ledger of the run was expected to be written there. See that the folder can be written to.");
    }

    /// <summary>Whose run a ledger is of; null where there is none, it cannot be read, or is being written.</summary>
    /// <param name="path">The ledger.</param>
    /// <param name="holdsSamples">Leave out one in which nothing is finished.</param>
    public static string? FingerprintOf(string path, bool holdsSamples)
    {
        if (!File.Exists(path)) return null;
        try
        {
            // Not read-only: after a kill SQLite first takes back what was half written.
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT fingerprint FROM run" + (holdsSamples ? " WHERE EXISTS (SELECT 1 FROM sample)" : "");
            return command.ExecuteScalar() as string;
        }
        catch (SqliteException)
        {
            return null; // whoever opens it for writing says so
        }
    }

    /// <summary>Removes a ledger with what SQLite keeps beside it.</summary>
    public static void Delete(string path)
    {
        foreach (string end in (string[])["", "-wal", "-shm", "-journal"]) File.Delete(path + end);
    }

    /// <summary>Writes a batch through to disk.</summary>
    public void Append(IReadOnlyList<Sample> batch)
    {
        Write(batch.Select((sample, i) => (Count + i, sample, sample.ToJson())));
        Count += batch.Count;
    }

    /// <summary>Takes in the samples of a finished run, all or none of them.</summary>
    /// <param name="samples">Every sample with its line, in order.</param>
    public void Restore(IEnumerable<(Sample Sample, string Line)> samples)
    {
        Write(samples.Select((row, i) => (i, row.Sample, row.Line)));
        Count = (int)(long)Scalar("SELECT COUNT(*) FROM sample")!;
    }

    /// <summary>Puts samples in the places of others, through to disk.</summary>
    /// <param name="ordinals">The places, 0-based in the run.</param>
    /// <param name="samples">The samples, a place each.</param>
    public void Replace(IReadOnlyList<int> ordinals, IReadOnlyList<Sample> samples) => Write(samples.Select((sample, i) => (ordinals[i], sample, sample.ToJson())));

    /// <summary>Places of the samples without an answer, or of which a judge said nothing, among the first ones of the run.</summary>
    public List<int> FailedAmong(int count)
    {
        using SqliteCommand select = _connection.CreateCommand();
        select.CommandText = "SELECT ordinal, line FROM sample WHERE ordinal < $count AND line LIKE '%\"failure\":%' ORDER BY ordinal"; // a look that is cheap; the line itself decides
        select.Parameters.AddWithValue("$count", count);
        using SqliteDataReader rows = select.ExecuteReader();
        var failed = new List<int>();
        while (rows.Read())
        {
            if (Sample.Parse(JsonLines.ParseObject(rows.GetString(1))).Failure is not null) failed.Add(rows.GetInt32(0));
        }
        return failed;
    }

    /// <summary>Right answers of a task so far.</summary>
    public int CorrectOf(string task) => (int)(long)Scalar("SELECT COUNT(*) FROM sample WHERE task = $task AND correct = 1", task)!;

    /// <summary>Writes <c>samples.jsonl</c>, whole or not at all, and shows each sample on the way.</summary>
    public void Export(string path, Action<Sample> onSample) => AtomicFile.Write(path, stream =>
    {
        using SqliteCommand select = _connection.CreateCommand();
        select.CommandText = "SELECT line FROM sample ORDER BY ordinal";
        using SqliteDataReader rows = select.ExecuteReader();
        while (rows.Read())
        {
            string line = rows.GetString(0);
            stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            onSample(Sample.Parse(JsonLines.ParseObject(line)));
        }
    });

    public void Dispose() => _connection.Dispose();

    private void Write(IEnumerable<(int Ordinal, Sample Sample, string Line)> rows)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        using SqliteCommand insert = _connection.CreateCommand();
        insert.CommandText = "INSERT OR REPLACE INTO sample (ordinal, task, correct, line, hash) VALUES ($ordinal, $task, $correct, $line, $hash)";
        SqliteParameter ordinal = insert.Parameters.Add("$ordinal", SqliteType.Integer), task = insert.Parameters.Add("$task", SqliteType.Text);
        SqliteParameter correct = insert.Parameters.Add("$correct", SqliteType.Integer), line = insert.Parameters.Add("$line", SqliteType.Text), hash = insert.Parameters.Add("$hash", SqliteType.Blob);
        foreach (var row in rows)
        {
            (ordinal.Value, task.Value, correct.Value, line.Value, hash.Value) = (row.Ordinal, row.Sample.Task, row.Sample.Prediction.Correct ? 1 : 0, row.Line, Hash(row.Line));
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
    }

    private static SampleLedger? TryOpen(string path, string fingerprint)
    {
        // No pool: the file is deleted when the run is done.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;" + Schema);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            if (command.ExecuteScalar() is not "ok" || !IsWhole(connection))
            {
                connection.Dispose();
                return null;
            }
            command.CommandText = "SELECT fingerprint FROM run";
            switch (command.ExecuteScalar())
            {
                case null:
                    command.CommandText = "INSERT INTO run VALUES ($fingerprint)";
                    command.Parameters.AddWithValue("$fingerprint", fingerprint);
                    command.ExecuteNonQuery();
                    break;
                case string known when known == fingerprint:
                    break;
                default:
                    connection.Dispose();
                    return null;
            }
            return new SampleLedger(connection);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 11 or 26) // damaged, or no database at all
        {
            connection.Dispose();
            return null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6) // busy, or locked
        {
            connection.Dispose();
            throw new InvalidDataException($"{path} is in use: another evaluation writes to this folder. Wait for it, or give another folder.", e);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new InvalidDataException($"{path} cannot be opened or written to; a file for the ledger of the run was expected there. Move away what stands in its place, or give another folder.", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether every line is as it was written: of a file that was cut off, SQLite reads zeros.</summary>
    private static bool IsWhole(SqliteConnection connection)
    {
        using SqliteCommand select = connection.CreateCommand();
        select.CommandText = "SELECT line, hash FROM sample ORDER BY ordinal";
        using SqliteDataReader rows = select.ExecuteReader();
        while (rows.Read())
        {
            if (!Hash(rows.GetString(0)).AsSpan().SequenceEqual(rows.GetFieldValue<byte[]>(1))) return false;
        }
        return true;
    }

    private static byte[] Hash(string line) => SHA256.HashData(Encoding.UTF8.GetBytes(line));

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private object? Scalar(string sql, string? task = null)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        if (task is not null) command.Parameters.AddWithValue("$task", task);
        return command.ExecuteScalar();
    }
}
