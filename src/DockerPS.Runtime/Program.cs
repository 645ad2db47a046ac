using DockerPS.Runtime.Commands;

return CommandLine.Run(args);
