package fix

import "strings"

// awsCommand writes a command of the AWS CLI that a shell takes.
func awsCommand(args ...string) string {
	line := "aws"
	for _, a := range args {
		line += " " + quoted(a)
	}
	return line
}

func quoted(a string) string {
	if a == "" || strings.ContainsAny(a, " '\"\\$&|;<>()*?[]#~`!{}\t\n") {
		return "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return a
}
