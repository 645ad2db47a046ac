namespace DockerPS.Linux.Seccomp;

/// <summary>Writes instructions of classic BPF with forward jumps. Conditional jumps skip one long jump, so that no distance is too far.</summary>
internal sealed class SeccompCode
{
    private readonly List<SeccompInstruction> _code = [];
    private readonly List<int> _toEnd = [];

    /// <summary>A jump whose target is not known yet.</summary>
    public readonly record struct Label(int At);

    /// <summary>Loads a word of struct seccomp_data.</summary>
    public void Load(uint offset) => _code.Add(new(SeccompInstruction.Load, 0, 0, offset));

    public void Return(uint action) => _code.Add(new(SeccompInstruction.Return, 0, 0, action));

    public Label UnlessEqual(uint value) => Unless(SeccompInstruction.JumpEqual, value);

    public Label UnlessGreater(uint value) => Unless(SeccompInstruction.JumpGreater, value);

    public Label UnlessGreaterOrEqual(uint value) => Unless(SeccompInstruction.JumpGreaterOrEqual, value);

    /// <summary>Behind all instructions.</summary>
    public void JumpToEnd()
    {
        _toEnd.Add(_code.Count);
        Jump();
    }

    public void Place(Label label) => Patch(label.At);

    /// <summary>Returns when all conditions hold. The accumulator is lost.</summary>
    public void ReturnIf(uint action, IReadOnlyList<SeccompCondition> conditions)
    {
        var otherwise = new List<Label>();
        foreach (SeccompCondition condition in conditions) Test(condition, otherwise);
        Return(action);
        foreach (Label label in otherwise) Place(label);
    }

    public SeccompInstruction[] ToArray()
    {
        foreach (int jump in _toEnd) Patch(jump);
        _toEnd.Clear();
        return [.. _code];
    }

    /// <summary>Goes on when the condition holds. An argument is two words, the lower first on little-endian machines.</summary>
    private void Test(SeccompCondition condition, List<Label> otherwise)
    {
        uint first = 16 + (condition.Argument * 8);
        (uint low, uint high) = BitConverter.IsLittleEndian ? (first, first + 4) : (first + 4, first);
        (uint lowValue, uint highValue) = ((uint)condition.Value, (uint)(condition.Value >> 32));
        switch (condition.Operator)
        {
            case SeccompOperator.Equal:
                Load(high);
                otherwise.Add(UnlessEqual(highValue));
                Load(low);
                otherwise.Add(UnlessEqual(lowValue));
                break;
            case SeccompOperator.MaskedEqual:
                Masked(high, highValue, (uint)(condition.Second >> 32), otherwise);
                Masked(low, lowValue, (uint)condition.Second, otherwise);
                break;
            case SeccompOperator.NotEqual:
                Load(high);
                Label differs = UnlessEqual(highValue);
                Load(low);
                Label differsToo = UnlessEqual(lowValue);
                otherwise.Add(Jump());
                Place(differs);
                Place(differsToo);
                break;
            case SeccompOperator.Greater or SeccompOperator.GreaterOrEqual:
                Compare(high, highValue, low, lowValue, condition.Operator == SeccompOperator.Greater, otherwise);
                break;
            default:
                var holds = new List<Label>();
                // Less is not greater-or-equal.
                Compare(high, highValue, low, lowValue, condition.Operator == SeccompOperator.LessOrEqual, holds);
                otherwise.Add(Jump());
                foreach (Label label in holds) Place(label);
                break;
        }
    }

    private void Masked(uint word, uint mask, uint value, List<Label> otherwise)
    {
        Load(word);
        _code.Add(new(SeccompInstruction.And, 0, 0, mask));
        otherwise.Add(UnlessEqual(value));
    }

    private void Compare(uint high, uint highValue, uint low, uint lowValue, bool strict, List<Label> otherwise)
    {
        Load(high);
        Label notGreater = UnlessGreater(highValue);
        Label greater = Jump();
        Place(notGreater);
        otherwise.Add(UnlessEqual(highValue));
        Load(low);
        otherwise.Add(strict ? UnlessGreater(lowValue) : UnlessGreaterOrEqual(lowValue));
        Place(greater);
    }

    private Label Unless(ushort code, uint value)
    {
        _code.Add(new(code, 1, 0, value));
        return Jump();
    }

    private Label Jump()
    {
        _code.Add(new(SeccompInstruction.Jump, 0, 0, 0));
        return new Label(_code.Count - 1);
    }

    private void Patch(int jump) => _code[jump] = _code[jump] with { Value = (uint)(_code.Count - jump - 1) };
}
