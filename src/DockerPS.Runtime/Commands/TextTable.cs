using System.Text;

namespace DockerPS.Runtime.Commands;

/// <summary>A table of text whose columns are as wide as their widest cell and four spaces apart at least.</summary>
internal static class TextTable
{
    public static string Of(string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [header, .. rows];
        var text = new StringBuilder();
        foreach (string[] row in all)
        {
            for (int i = 0; i < row.Length; i++)
            {
                int width = all.Max(r => r[i].Length);
                text.Append(i == row.Length - 1 ? row[i] : row[i].PadRight(width + 4));
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
