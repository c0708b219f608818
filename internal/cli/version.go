package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/iamdata"
)

// Version is set by the release build; else the module's version is shown.
var Version string

// A versionInfo is the JSON form of why403 version.
type versionInfo struct {
	Version           string `json:"version"`
	Go                string `json:"go"`
	Platform          string `json:"platform"`
	ServiceData       string `json:"serviceData"`       // version of the data on actions and condition keys
	ServiceDataDate   string `json:"serviceDataDate"`   // and its day
	ManagedPolicyDate string `json:"managedPolicyDate"` // day of the newest AWS managed policy
}

func newVersion(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and the dates of the data on AWS",
		GroupID: groupTools,
		Long: `version prints the program's version, the Go version that built it, and the
dates of the data that it holds: the actions and condition keys of AWS services,
and the AWS managed policies.`,
		Example: "  why403 version\n  why403 version -o json",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		v := thisVersion()
		if output.value == "json" {
			return json.NewEncoder(s.Stdout).Encode(v)
		}
		_, err := fmt.Fprintf(s.Stdout, "why403 %s (%s, %s)\nservice data of %s (%s), AWS managed policies of %s\n",
			v.Version, v.Go, v.Platform, v.ServiceDataDate, v.ServiceData, v.ManagedPolicyDate)
		return err
	}
	return cmd
}

func thisVersion() versionInfo {
	v := versionInfo{
		Version: Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		ServiceData: iamdata.ServiceDataVersion, ServiceDataDate: iamdata.ServiceDataDate, ManagedPolicyDate: iamdata.ManagedPolicyDate,
	}
	if v.Version == "" {
		v.Version = "(devel)"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			v.Version = info.Main.Version
		}
	}
	return v
}
