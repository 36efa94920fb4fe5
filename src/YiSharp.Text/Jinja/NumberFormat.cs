using System.Globalization;
using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>Numbers in digits, correctly rounded (ties to even) from the exact binary value, as C and Python print them.</summary>
internal static class NumberFormat
{
    private const int MostDigits = 1100;

    /// <summary>No integer has more.</summary>
    public const int MostIntegerDigits = Budget.MaxIntegerBits * 3 / 10 + 200;

    /// <summary><c>%.{digits}f</c>.</summary>
    public static string Fixed(double value, int digits)
    {
        if (!double.IsFinite(value)) return Python.FloatRepr(value);
        if (digits > MostDigits) return Fixed(value, MostDigits) + new string('0', digits - MostDigits); // all further ones are zeros
        string sign = double.IsNegative(value) ? "-" : "";
        (BigInteger numerator, BigInteger denominator) = Fraction(Math.Abs(value));
        string all = RoundedQuotient(numerator * BigInteger.Pow(10, digits), denominator).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        return digits == 0 ? sign + all : $"{sign}{all[..^digits]}.{all[^digits..]}";
    }

    /// <summary><c>%.{digits}e</c>.</summary>
    public static string Scientific(double value, int digits)
    {
        if (!double.IsFinite(value)) return Python.FloatRepr(value);
        digits = Math.Min(digits, MostDigits);
        string text = value.ToString("E" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        int mark = text.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(text.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..mark]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary><c>%.{digits}g</c>.</summary>
    public static string General(double value, int digits, bool alternate = false)
    {
        if (!double.IsFinite(value)) return Python.FloatRepr(value);
        digits = Math.Clamp(digits, 1, MostDigits);
        string scientific = Scientific(value, digits - 1);
        int mark = scientific.IndexOf('e', StringComparison.Ordinal);
        int exponent = int.Parse(scientific.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        bool plain = exponent >= -4 && exponent < digits;
        string body = plain ? Fixed(value, Math.Max(0, digits - 1 - exponent)) : scientific[..mark];
        if (!alternate && body.Contains('.', StringComparison.Ordinal)) body = body.TrimEnd('0').TrimEnd('.');
        return plain ? body : body + scientific[mark..];
    }

    /// <summary><c>round(value, digits)</c>.</summary>
    public static double Round(double value, int digits)
    {
        if (!double.IsFinite(value) || digits > 330) return value;
        if (digits >= 0) return double.Parse(Fixed(value, digits), CultureInfo.InvariantCulture);
        if (digits < -330) return 0 * value;
        (BigInteger numerator, BigInteger denominator) = Fraction(Math.Abs(value));
        BigInteger unit = BigInteger.Pow(10, -digits);
        return Math.CopySign((double)(RoundedQuotient(numerator, denominator * unit) * unit), value);
    }

    /// <summary>Rounds an integer to a power of ten, ties to even.</summary>
    public static BigInteger Round(BigInteger value, int digits)
    {
        if (digits >= 0) return value;
        if (digits < -MostIntegerDigits) return 0;
        BigInteger unit = BigInteger.Pow(10, -digits);
        return RoundedQuotient(BigInteger.Abs(value), unit) * unit * value.Sign;
    }

    private static (BigInteger Numerator, BigInteger Denominator) Fraction(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52 & 0x7FF);
        long mantissa = bits & 0xFFFFFFFFFFFFF;
        if (exponent == 0) exponent = 1;
        else mantissa |= 1L << 52;
        exponent -= 1075;
        return exponent >= 0 ? ((BigInteger)mantissa << exponent, BigInteger.One) : (mantissa, BigInteger.One << -exponent);
    }

    private static BigInteger RoundedQuotient(BigInteger numerator, BigInteger denominator)
    {
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        int half = (rest * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
