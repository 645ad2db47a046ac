using System.Management.Automation;
using DockerPS.Module.Hosting;
using Xunit;

namespace DockerPS.Units.Module;

public class ErrorRecordsTests
{
    public static TheoryData<Exception, string, ErrorCategory> Kinds => new()
    {
        { new DockerNotFoundException("ImageNotFound", "m"), "ImageNotFound", ErrorCategory.ObjectNotFound },
        { new DockerConflictException("ContainerNameTaken", "m"), "ContainerNameTaken", ErrorCategory.ResourceExists },
        { new DockerConflictException("ImageInUse", "m"), "ImageInUse", ErrorCategory.ResourceBusy },
        { new DockerConflictException("ContainerAmbiguous", "m"), "ContainerAmbiguous", ErrorCategory.InvalidArgument },
        { new DockerInvalidStateException("ContainerNotRunning", "m"), "ContainerNotRunning", ErrorCategory.InvalidOperation },
        { new DockerArgumentException("InvalidSignal", "m"), "InvalidSignal", ErrorCategory.InvalidArgument },
        { new DockerArgumentException("NetworkNotSupported", "m"), "NetworkNotSupported", ErrorCategory.NotImplemented },
        { new DockerIntegrityException("DigestMismatch", "m"), "DigestMismatch", ErrorCategory.InvalidData },
        { new DockerEnvironmentException("PermissionDenied", "m"), "PermissionDenied", ErrorCategory.PermissionDenied },
        { new DockerEnvironmentException("DiskFull", "m"), "DiskFull", ErrorCategory.ResourceUnavailable },
        { new ContainerExitException("ContainerExitCode", "m", null, 3), "ContainerExitCode", ErrorCategory.InvalidResult },
        { new ContainerRuntimeException("CommandNotFound", "m", null, "Exec", "execve", 2, 127), "CommandNotFound", ErrorCategory.ObjectNotFound },
        { new ContainerRuntimeException("CommandNotExecutable", "m", null, "Exec", "execve", 13, 126), "CommandNotExecutable", ErrorCategory.PermissionDenied },
        { new UnauthorizedAccessException(), "PermissionDenied", ErrorCategory.PermissionDenied },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_exception_decides_identifier_and_category(Exception exception, string id, ErrorCategory category)
    {
        ErrorRecord record = ErrorRecords.From(exception, "item");
        Assert.Equal((id, category, "item"), (record.FullyQualifiedErrorId, record.CategoryInfo.Category, record.TargetObject));
    }

    [Fact]
    public void Without_an_item_the_subject_is_the_target() =>
        Assert.Equal("web", ErrorRecords.From(new DockerNotFoundException("ContainerNotFound", "m", "web")).TargetObject);
}
