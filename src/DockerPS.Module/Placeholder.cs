namespace DockerPS.Module;
