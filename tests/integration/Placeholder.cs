namespace DockerPS.Integration;
