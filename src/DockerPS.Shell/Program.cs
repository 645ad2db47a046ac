using DockerPS.Shell;

return new Shell(Options.Parse(args)).Run();
