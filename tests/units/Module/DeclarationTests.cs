using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace DockerPS.Units.Module;

/// <summary>The manners that can be read from the declarations, the manifest and the help.</summary>
public sealed class DeclarationTests
{
    private static readonly string[] Reading = ["Get", "Test", "Wait", "Compare", "Measure", "Find"];
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace CommandSpace = "http://schemas.microsoft.com/maml/dev/command/2004/10";

    public static TheoryData<string> Names => [.. CmdletHost.Cmdlets.Keys.Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Verb_is_approved(string name)
    {
        Type[] groups = [typeof(VerbsCommon), typeof(VerbsData), typeof(VerbsLifecycle), typeof(VerbsCommunications),
            typeof(VerbsDiagnostic), typeof(VerbsSecurity), typeof(VerbsOther)];
        Assert.Contains(name.Split('-')[0], groups.SelectMany(g => g.GetFields()).Select(f => (string)f.GetRawConstantValue()!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Changing_verbs_can_be_asked_what_if_and_declare_their_output(string name)
    {
        Type type = CmdletHost.Cmdlets[name];
        bool changing = !Reading.Contains(name.Split('-')[0]);
        Assert.Equal(changing, type.GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess);
        Assert.NotEmpty(type.GetCustomAttributes<OutputTypeAttribute>());
    }

    [Theory]
    [InlineData("Start-Container")]
    [InlineData("Stop-Container")]
    [InlineData("Restart-Container")]
    [InlineData("Suspend-Container")]
    [InlineData("Resume-Container")]
    [InlineData("Send-ContainerSignal")]
    [InlineData("Rename-Container")]
    [InlineData("Remove-Container")]
    [InlineData("Remove-ContainerImage")]
    [InlineData("Add-ContainerImageTag")]
    [InlineData("Remove-ContainerImageTag")]
    [InlineData("Export-ContainerImage")]
    public void Silent_verbs_have_PassThru(string name) => Assert.NotNull(CmdletHost.Cmdlets[name].GetProperty("PassThru"));

    [Theory]
    [InlineData("Start-Container", true)]
    [InlineData("Stop-Container", true)]
    [InlineData("Remove-Container", true)]
    [InlineData("Wait-Container", true)]
    [InlineData("Get-ContainerLog", true)]
    [InlineData("Rename-Container", true)]
    [InlineData("Get-Container", false)]
    public void Names_bind_from_the_pipeline_and_so_does_the_object(string command, bool takesObject)
    {
        using var host = new CmdletHost();
        CommandInfo info = host.Command(command);
        ParameterMetadata name = info.Parameters["Name"];
        Assert.Equal(["ContainerId", "Id"], name.Aliases.Order());
        Assert.All(name.ParameterSets.Values, s => Assert.True(s.ValueFromPipelineByPropertyName && s.ValueFromPipeline && s.Position == 0));
        if (takesObject) Assert.True(info.Parameters["Container"].ParameterSets.Values.Single().ValueFromPipeline);
    }

    [Theory]
    [InlineData("Invoke-Container", "Run-Container", "Invoke-ContainerImage", "Run-ContainerImage")]
    [InlineData("New-Container", "Create-Container")]
    [InlineData("Send-ContainerSignal", "Kill-Container")]
    [InlineData("Suspend-Container", "Pause-Container")]
    [InlineData("Resume-Container", "Unpause-Container")]
    [InlineData("Get-Container", "Inspect-Container")]
    [InlineData("Invoke-ContainerCommand", "Exec-Container")]
    [InlineData("Import-ContainerImage", "Load-ContainerImage")]
    [InlineData("Export-ContainerImage", "Save-ContainerImage")]
    [InlineData("ConvertTo-ContainerImage", "Commit-Container")]
    [InlineData("Request-ContainerImage", "Pull-ContainerImage")]
    [InlineData("Add-ContainerImageTag", "Tag-ContainerImage")]
    [InlineData("Submit-ContainerImage", "Push-ContainerImage")]
    [InlineData("Find-ContainerImage", "Search-ContainerImage")]
    public void Dockers_word_is_an_alias(string name, params string[] aliases) =>
        Assert.Equal(aliases, CmdletHost.Cmdlets[name].GetCustomAttribute<AliasAttribute>()!.AliasNames);

    [Fact]
    public void Manifest_exports_exactly_the_cmdlets_and_their_aliases()
    {
        Ast manifest = Parser.ParseFile(Path.Combine(CmdletHost.RepositoryRoot, "module/DockerPS/DockerPS.psd1"), out _, out ParseError[] errors);
        Assert.Empty(errors);
        var table = (System.Collections.Hashtable)((HashtableAst)manifest.Find(a => a is HashtableAst, false)).SafeGetValue();
        Assert.Equal(CmdletHost.Cmdlets.Keys.Order(), Strings(table["CmdletsToExport"]));
        Assert.Equal(
            CmdletHost.Cmdlets.Values.SelectMany(t => t.GetCustomAttribute<AliasAttribute>()?.AliasNames ?? []).Order(),
            Strings(table["AliasesToExport"]));
        Assert.Empty(Strings(table["FunctionsToExport"]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Help_has_every_parameter_and_two_examples(string name)
    {
        XElement help = Help().Single(c => c.Descendants(CommandSpace + "name").First().Value == name);
        Assert.NotEmpty(help.Element(CommandSpace + "details")!.Element(Maml + "description")!.Value.Trim());
        Assert.NotEmpty(help.Element(Maml + "description")!.Value.Trim());
        Assert.True(help.Descendants(CommandSpace + "example").Count() >= 2, "fewer than two examples");
        Assert.NotEmpty(help.Descendants(CommandSpace + "inputType"));
        Assert.NotEmpty(help.Descendants(CommandSpace + "returnValue"));

        Dictionary<string, string> told = help.Element(CommandSpace + "parameters")!.Elements(CommandSpace + "parameter")
            .ToDictionary(p => p.Element(Maml + "name")!.Value, p => p.Element(Maml + "description")?.Value.Trim() ?? "");
        string[] own = [.. CmdletHost.Cmdlets[name].GetProperties()
            .Where(p => p.GetCustomAttributes<ParameterAttribute>().Any(a => !a.DontShow)).Select(p => p.Name)];
        Assert.All(own, p => Assert.True(told.GetValueOrDefault(p, "").Length > 0, p));
        Assert.Empty(told.Keys.Except([.. own, "WhatIf", "Confirm"]));
    }

    [Fact]
    public void Help_has_no_cmdlet_that_is_not_there() =>
        Assert.Equal(CmdletHost.Cmdlets.Keys.Order(), Help().Select(c => c.Descendants(CommandSpace + "name").First().Value).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Examples_of_the_help_parse_and_use_parameters_that_exist(string name)
    {
        XElement help = Help().Single(c => c.Descendants(CommandSpace + "name").First().Value == name);
        XNamespace dev = "http://schemas.microsoft.com/maml/dev/2004/10";
        using var host = new CmdletHost();
        foreach (string code in help.Descendants(dev + "code").Select(c => c.Value))
        {
            Ast ast = Parser.ParseInput(code, out _, out ParseError[] errors);
            Assert.Empty(errors);
            foreach (CommandAst command in ast.FindAll(a => a is CommandAst, true).Cast<CommandAst>())
            {
                if (!CmdletHost.Cmdlets.ContainsKey(command.GetCommandName() ?? "")) continue;
                CommandInfo info = host.Command(command.GetCommandName());
                // What follows -- belongs to the container.
                var words = command.CommandElements.TakeWhile(e => e.Extent.Text != "--").OfType<CommandParameterAst>();
                Assert.All(words, w => Assert.NotNull(info.ResolveParameter(w.ParameterName)));
            }
        }
    }

    private static IEnumerable<XElement> Help() =>
        XDocument.Load(Path.Combine(CmdletHost.RepositoryRoot, "module/DockerPS/en-US/DockerPS.Module.dll-Help.xml"))
            .Root!.Elements(CommandSpace + "command");

    private static IEnumerable<string> Strings(object? value) => ((object[])value!).Cast<string>().Order();
}
