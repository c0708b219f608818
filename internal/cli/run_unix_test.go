//go:build unix

package cli

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// running starts why403 itself, without a terminal and in a process group of its own,
// around a script that says when it is there.
func running(t *testing.T, temp, script string, flags ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append(append([]string{"run"}, flags...), "--", "sh", "-c", script)...)
	cmd.Args[0] = "why403" // what TestMain makes of the name
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + temp, "TMPDIR=" + temp}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, bufio.NewReader(out)
}

// A signal reaches the program once, and its children with it; its status is the
// program's; nothing is left behind.
func TestRunSignals(t *testing.T) {
	for _, flags := range [][]string{nil, {"--mitm"}} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1} {
			for _, group := range []bool{false, true} {
				temp := t.TempDir()
				name := map[syscall.Signal]string{syscall.SIGINT: "INT", syscall.SIGTERM: "TERM", syscall.SIGHUP: "HUP", syscall.SIGQUIT: "QUIT", syscall.SIGUSR1: "USR1"}[sig]
				cmd, out := running(t, temp, `n=0; trap 'n=$((n+1))' `+name+`; echo there; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.2; echo $n; exit 7`, flags...)
				if line, err := out.ReadString('\n'); line != "there\n" {
					t.Fatalf("%q, %v", line, err)
				}
				pid := cmd.Process.Pid
				if group {
					pid = -pid
				}
				if err := syscall.Kill(pid, sig); err != nil {
					t.Fatal(err)
				}
				line, _ := out.ReadString('\n')
				cmd.Wait()
				if status := cmd.ProcessState.ExitCode(); line != "1\n" || status != 7 {
					t.Errorf("%v %v, to the group %v: came %q times, status %d", flags, sig, group, strings.TrimSpace(line), status)
				}
				if left, _ := filepath.Glob(filepath.Join(temp, "why403-*")); len(left) > 0 {
					t.Errorf("%v %v: left behind %v", flags, sig, left)
				}
			}
		}
	}
}

// A program that a signal ends takes its children along, and its status says so. The
// end of the output, which they share, shows that all of them are gone.
func TestRunEndedBySignal(t *testing.T) {
	temp := t.TempDir()
	cmd, out := running(t, temp, "sleep 600 & echo there; wait", "--mitm")
	if line, err := out.ReadString('\n'); line != "there\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := syscall.Kill(cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(out); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 128+15 {
		t.Errorf("status %d", status)
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "why403-*")); len(left) > 0 {
		t.Errorf("left behind %v", left)
	}
}
