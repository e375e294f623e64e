package wsapi_test

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"biobridge/agent/wsapi"
)

// pair is a loopback connection: the end that was accepted and the other.
func pair(t testing.TB, network, address string) (accepted, dialled net.Conn) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Skipf("listen on %s: %v", address, err)
	}
	defer l.Close()
	dialled, err = net.Dial(network, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dialled.Close() })
	accepted, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = accepted.Close() })
	return accepted, dialled
}

func TestUserOf(t *testing.T) {
	want := "uid:" + strconv.Itoa(os.Getuid())
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			accepted, dialled := pair(t, "tcp", address)
			user, err := wsapi.UserOf(accepted.RemoteAddr(), accepted.LocalAddr())
			if err != nil || user.ID != want {
				t.Errorf("UserOf = %+v, %v, want %s", user, err, want)
			}
			ours, theirs := wsapi.Plain(dialled.LocalAddr().(*net.TCPAddr).AddrPort()), wsapi.Plain(dialled.RemoteAddr().(*net.TCPAddr).AddrPort())
			for name, find := range wsapi.Owners {
				uid, err := find(ours, theirs)
				if err != nil || "uid:"+uid != want {
					t.Errorf("%s: %s, %v, want %s", name, uid, err, want)
				}
				if _, err := find(theirs, theirs); err == nil {
					t.Errorf("%s found a connection that doesn't exist", name)
				}
			}
		})
	}
}

// Another user's process is found to be his, not ours.
func TestUserOf_another(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to connect with")
	}
	other := exec.Command("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", bash, "-c", "exec 3<>/dev/tcp/127.0.0.1/"+port+"; read -u 3 line")
	var stderr strings.Builder
	other.Stderr = &stderr
	if err := other.Start(); err != nil {
		t.Skipf("no setpriv: %v", err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	user, err := wsapi.UserOf(accepted.RemoteAddr(), accepted.LocalAddr())
	if err != nil || user.ID != "uid:65534" {
		t.Errorf("UserOf = %+v, %v, want uid:65534 (%s)", user, err, stderr.String())
	}
	_ = accepted.Close()
	_ = other.Wait()
}

func BenchmarkUserOf(b *testing.B) {
	accepted, dialled := pair(b, "tcp", "127.0.0.1:0")
	ours, theirs := wsapi.Plain(accepted.RemoteAddr().(*net.TCPAddr).AddrPort()), wsapi.Plain(dialled.RemoteAddr().(*net.TCPAddr).AddrPort())
	for name, find := range wsapi.Owners {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := find(ours, theirs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// ownID is the user that this test runs as.
func ownID(testing.TB) string { return "uid:" + strconv.Itoa(os.Getuid()) }

// Where only the user at the screen may connect and nobody is known to be there,
// nobody may.
func TestUsers_nobodyAtTheScreen(t *testing.T) {
	if _, err := os.Stat("/run/systemd/seats/seat0"); err == nil {
		t.Skip("somebody may sit at this computer")
	}
	b := open(t, wsapi.Config{Users: wsapi.Users{Mode: "active"}})
	if refusal := b.knock(t, shopOrigin); !strings.Contains(refusal, `"unauthorized"`) {
		t.Errorf("refusal = %s, want unauthorized", refusal)
	}
}
