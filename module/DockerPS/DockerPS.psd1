@{
    RootModule           = 'DockerPS.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f0e8a7c-0f6b-4d0e-9a5e-3d1c7b8b52c4'
    Author               = 'The DockerPS authors'
    CompanyName          = 'The DockerPS authors'
    Copyright            = '(c) The DockerPS authors. MIT license.'
    Description          = 'Docker, as PowerShell objects, without a daemon: Linux containers run by an engine that lives in the module.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')

    FormatsToProcess     = @('DockerPS.Format.ps1xml')
    TypesToProcess       = @('DockerPS.Types.ps1xml')

    FunctionsToExport    = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Add-ContainerImageTag'
        'Clear-ContainerNetwork'
        'Compare-Container'
        'Connect-ContainerNetwork'
        'Connect-ContainerRegistry'
        'ConvertTo-ContainerImage'
        'Disconnect-ContainerNetwork'
        'Disconnect-ContainerRegistry'
        'Export-Container'
        'Export-ContainerImage'
        'Find-ContainerImage'
        'Get-Container'
        'Get-ContainerEngine'
        'Get-ContainerImage'
        'Get-ContainerImageHistory'
        'Get-ContainerImageTag'
        'Get-ContainerLog'
        'Get-ContainerNetwork'
        'Import-ContainerImage'
        'Invoke-Container'
        'Invoke-ContainerCommand'
        'New-Container'
        'New-ContainerImage'
        'New-ContainerNetwork'
        'Remove-Container'
        'Remove-ContainerImage'
        'Remove-ContainerImageTag'
        'Remove-ContainerNetwork'
        'Rename-Container'
        'Request-ContainerImage'
        'Restart-Container'
        'Resume-Container'
        'Send-ContainerSignal'
        'Start-Container'
        'Stop-Container'
        'Submit-ContainerImage'
        'Suspend-Container'
        'Test-ContainerEngine'
        'Test-ContainerImage'
        'Wait-Container'
    )
    AliasesToExport      = @(
        'Clear-ContainerNet'
        'Commit-Container'
        'Connect-ContainerNet'
        'Create-Container'
        'Create-ContainerNetwork'
        'Disconnect-ContainerNet'
        'Exec-Container'
        'Get-ContainerNet'
        'Inspect-Container'
        'Invoke-ContainerImage'
        'Kill-Container'
        'Load-ContainerImage'
        'New-ContainerNet'
        'Pause-Container'
        'Pull-ContainerImage'
        'Push-ContainerImage'
        'Remove-ContainerNet'
        'Run-Container'
        'Run-ContainerImage'
        'Save-ContainerImage'
        'Search-ContainerImage'
        'Tag-ContainerImage'
        'Unpause-Container'
        'Untag-ContainerImage'
    )

    PrivateData          = @{
        PSData = @{
            Tags       = @('Docker', 'Container', 'Containers', 'OCI', 'Linux', 'PSEdition_Core')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
