using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>Python's arithmetic: integers without limit (but <see cref="Budget.MaxIntegerBits"/>), floors that floor, sequences that repeat.</summary>
internal static class Arithmetic
{
    public static object Sign(string sign, object? operand)
    {
        if (operand is UndefinedValue undefined) throw undefined.Error();
        if (Python.TryInteger(operand, out BigInteger integer)) return sign == "-" ? -integer : integer;
        if (operand is double number) return sign == "-" ? -number : number;
        throw Fail.Type($"bad operand type for unary {sign}: '{Python.TypeName(operand)}'");
    }

    public static object Apply(Interpreter interpreter, string sign, object? left, object? right)
    {
        if (sign == "%" && left is TextValue format) return PercentFormat.Apply(interpreter, format, right);
        if (left is UndefinedValue undefinedLeft) throw undefinedLeft.Error();
        if (right is UndefinedValue undefinedRight) throw undefinedRight.Error();
        if (Python.TryInteger(left, out BigInteger a) && Python.TryInteger(right, out BigInteger b))
        {
            interpreter.Budget.SpendProduct(a.GetBitLength(), sign == "**" ? Budget.MaxIntegerBits : b.GetBitLength());
            return Integers(sign, a, b);
        }
        if (Python.TryDouble(left, out double x) && Python.TryDouble(right, out double y)) return Doubles(sign, x, y);
        object? result = sign switch
        {
            "+" => Join(interpreter.Budget, left, right),
            "*" => Python.TryInteger(right, out BigInteger times) ? Repeat(interpreter.Budget, left, times) : Python.TryInteger(left, out times) ? Repeat(interpreter.Budget, right, times) : null,
            _ => null,
        };
        return result ?? throw Fail.Type($"unsupported operand type(s) for {(sign == "**" ? "** or pow()" : sign)}: '{Python.TypeName(left)}' and '{Python.TypeName(right)}'");
    }

    /// <summary>Division rounded toward minus infinity.</summary>
    public static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
        return !rest.IsZero && rest.Sign != b.Sign ? quotient - 1 : quotient;
    }

    private static object Integers(string sign, BigInteger a, BigInteger b)
    {
        if (b.IsZero && sign is ("/" or "//" or "%")) throw Zero(sign == "/" ? "division by zero" : "integer division or modulo by zero");
        return sign switch
        {
            "+" => Checked(a + b),
            "-" => Checked(a - b),
            "*" => a.GetBitLength() + b.GetBitLength() > Budget.MaxIntegerBits ? throw TooLarge() : a * b,
            "/" => Quotient(a, b),
            "//" => FloorDivide(a, b),
            "%" => a - FloorDivide(a, b) * b,
            _ => Power(a, b),
        };
    }

    private static double Quotient(BigInteger a, BigInteger b)
    {
        long bits = Math.Max(a.GetBitLength(), b.GetBitLength());
        if (bits <= 53) return (double)a / (double)b;
        // Scale so that the integer quotient holds more digits than a double.
        int shift = (int)(b.GetBitLength() - a.GetBitLength()) + 66;
        BigInteger quotient = shift >= 0 ? (a << shift) / b : a / (b << -shift);
        return Math.ScaleB((double)quotient, -shift);
    }

    private static object Power(BigInteger a, BigInteger b)
    {
        if (b.Sign < 0)
        {
            if (a.IsZero) throw Zero("0.0 cannot be raised to a negative power");
            return Math.Pow((double)a, (double)b);
        }
        if (a.IsZero || a.IsOne || a == BigInteger.MinusOne) return b.IsZero || a.IsOne || (a.Sign < 0 && b.IsEven) ? BigInteger.One : a;
        if (b > Budget.MaxIntegerBits || a.GetBitLength() * (double)b > Budget.MaxIntegerBits) throw TooLarge();
        return BigInteger.Pow(a, (int)b);
    }

    private static object Doubles(string sign, double x, double y)
    {
        if (y == 0 && sign is ("/" or "//" or "%")) throw Zero(sign == "%" ? "float modulo" : "float division by zero");
        return sign switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => Math.Round((x - Modulo(x, y)) / y),
            "%" => Modulo(x, y),
            _ => x == 0 && y < 0 ? throw Zero("0.0 cannot be raised to a negative power") : Math.Pow(x, y),
        };
    }

    private static double Modulo(double x, double y)
    {
        double rest = x % y;
        if (rest == 0) return Math.CopySign(0, y);
        return rest < 0 != y < 0 ? rest + y : rest;
    }

    private static object? Join(Budget budget, object? left, object? right)
    {
        switch (left, right)
        {
            case (TextValue a, TextValue b):
                budget.SpendText((long)a.Length + b.Length);
                bool safe = a.Safe || b.Safe;
                if (safe) (a, b) = (Html.Escape(a), Html.Escape(b));
                return a.Length == 0 ? b : b.Length == 0 ? a : new TextBuilder().Append(a).Append(b).ToText(safe);
            case (ListValue a, ListValue b):
                budget.SpendItems((long)a.Items.Count + b.Items.Count);
                return new ListValue([.. a.Items, .. b.Items]);
            case (TupleValue a, TupleValue b):
                budget.SpendItems((long)a.Items.Length + b.Items.Length);
                return new TupleValue([.. a.Items, .. b.Items]);
            case (TextValue or ListValue or TupleValue, _):
                throw Fail.Type($"can only concatenate {Python.TypeName(left)} (not \"{Python.TypeName(right)}\") to {Python.TypeName(left)}");
            default:
                return null;
        }
    }

    private static object? Repeat(Budget budget, object? sequence, BigInteger times)
    {
        int length = sequence switch { TextValue text => text.Length, ListValue list => list.Items.Count, TupleValue tuple => tuple.Items.Length, _ => -1 };
        if (length < 0) return null;
        if (times.Sign <= 0 || length == 0) times = 0;
        long total = times > int.MaxValue ? long.MaxValue : length * (long)times;
        if (sequence is TextValue) budget.SpendText(total);
        else budget.SpendItems(total);
        int count = (int)times;
        if (sequence is TextValue repeated)
        {
            if (repeated.AllTemplate || repeated.TemplateSpans.Length == 0)
                return TextValue.From(new System.Text.StringBuilder((int)total).Insert(0, repeated.Value, count).ToString(), repeated.AllTemplate).WithSafe(repeated.Safe);
            var output = new TextBuilder();
            for (int i = 0; i < count; i++) output.Append(repeated);
            return output.ToText(repeated.Safe);
        }
        IReadOnlyList<object?> items = sequence is ListValue ofList ? ofList.Items : ((TupleValue)sequence!).Items;
        var all = new List<object?>((int)total);
        for (int i = 0; i < count; i++) all.AddRange(items);
        return sequence is ListValue ? new ListValue(all) : new TupleValue([.. all]);
    }

    private static BigInteger Checked(BigInteger value) => value.GetBitLength() > Budget.MaxIntegerBits ? throw TooLarge() : value;

    private static TemplateException TooLarge() => Fail.Limit($"computes an integer of more than {Budget.MaxIntegerBits} bits");

    private static TemplateException Zero(string reason) => new(TemplateErrorKind.Other, "ZeroDivisionError: " + reason);
}
