package assets

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:generate go run ./icons/gen icons

//go:embed sdk/package.json sdk/README.md sdk/LICENSE sdk/src
//go:embed demo icons/*.png icons/*.ico
var files embed.FS

// The names of the icons. The first five are states of the tray, the last is
// the product's own mark.
const (
	IconReady      = "ready"
	IconNoScanner  = "no_scanner"
	IconBusy       = "busy"
	IconAttention  = "attention"
	IconNotRunning = "not_running"
	IconApp        = "app"
)

// Icons lists the names of all icons.
func Icons() []string {
	return []string{IconReady, IconNoScanner, IconBusy, IconAttention, IconNotRunning, IconApp}
}

// IconSizes lists the edges in pixels in which [Icon] has each of them.
func IconSizes() []int { return []int{16, 20, 24, 32, 48, 64, 128, 256} }

// Icon returns an icon as PNG. Where there is none of that size it is an error
// that wraps [fs.ErrNotExist].
func Icon(name string, size int) ([]byte, error) {
	return files.ReadFile(fmt.Sprintf("icons/%s-%d.png", name, size))
}

// WindowsIcon returns an icon as ICO with every size in it, the form in which
// Windows wants the icon of the tray.
func WindowsIcon(name string) ([]byte, error) {
	return files.ReadFile("icons/" + name + ".ico")
}

// SDK returns the JavaScript package as a partner installs it.
func SDK() fs.FS { return sub("sdk") }

// Demo returns the files of the demo page. It wants biobridge.js of the SDK and
// a demo.json beside it, which [DemoPage] serves.
func Demo() fs.FS { return sub("demo") }

// sub opens one of the embedded directories, whose names are fixed above.
func sub(dir string) fs.FS {
	tree, err := fs.Sub(files, dir)
	if err != nil {
		panic(err)
	}
	return tree
}
