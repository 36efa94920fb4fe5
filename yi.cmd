@echo off
rem Runs YiSharp from a clone: builds Release once when sources changed, otherwise starts at once.
setlocal
set "root=%~dp0"
set "program=%root%artifacts\bin\YiSharp.Cli\release\yi.dll"
set "stamp=%root%artifacts\yi.stamp"
where dotnet >nul 2>nul || (echo yi: the .NET 10 SDK is needed and 'dotnet' is not on the PATH; get it from https://dot.net/download. 1>&2 & exit /b 2)
powershell -NoProfile -Command "$s = Get-Item '%stamp%' -ErrorAction SilentlyContinue; if (-not $s -or -not (Test-Path '%program%')) { exit 1 }; if (Get-ChildItem '%root%src','%root%Directory.Build.props','%root%Directory.Packages.props','%root%global.json' -Recurse | Where-Object { $_.LastWriteTimeUtc -gt $s.LastWriteTimeUtc } | Select-Object -First 1) { exit 1 }"
if errorlevel 1 (
    echo yi: building ^(once; about half a minute on first use^) ... 1>&2
    dotnet build "%root%src\YiSharp.Cli\YiSharp.Cli.csproj" --configuration Release --nologo -v quiet -clp:NoSummary 1>&2 || exit /b 1
    type nul > "%stamp%"
)
dotnet "%program%" %*
