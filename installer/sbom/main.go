// Command sbom writes down what a release is made of: an SPDX 2.3 document of the
// modules that are linked into the programs, and a text with their licences, which
// most of them want to travel along.
//
//	go run ./installer/sbom -version 1.2.3 -commit HASH -spdx out.json -licences out.txt
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	version := flag.String("version", "", "the release's version")
	commit := flag.String("commit", "", "the release's commit")
	spdx := flag.String("spdx", "", "write the SPDX document here")
	homepage := flag.String("homepage", "", "the publisher's address, if there is one")
	licences := flag.String("licences", "", "write the licences here")
	flag.Parse()
	if err := run(release{*version, *commit, *homepage}, *spdx, *licences); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// release is what the document is about.
type release struct{ version, commit, homepage string }

// namespace is an address that no other document has. Without a homepage of the
// publisher's it is a name that leads nowhere.
func (r release) namespace() string {
	if r.homepage != "" {
		return strings.TrimSuffix(r.homepage, "/") + "/spdx/" + r.version + "-" + r.commit
	}
	sum := sha256.Sum256([]byte("biobridge spdx " + r.version + " " + r.commit))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80 // a UUID by name (RFC 9562)
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func run(r release, spdx, licences string) error {
	modules, err := linked()
	if err != nil {
		return err
	}
	for i := range modules {
		if err := modules[i].readLicences(); err != nil {
			return err
		}
	}
	created, err := buildTime()
	if err != nil {
		return err
	}
	doc, err := json.MarshalIndent(document(r, created, modules), "", "  ")
	if err != nil {
		return fmt.Errorf("write the SPDX document: %w", err)
	}
	if err := os.WriteFile(spdx, append(doc, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the SPDX document: %w", err)
	}
	if err := os.WriteFile(licences, licenceText(modules), 0o644); err != nil {
		return fmt.Errorf("write the licences: %w", err)
	}
	return nil
}

// buildTime is SOURCE_DATE_EPOCH, so that the same commit gives the same bytes.
func buildTime() (time.Time, error) {
	epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(epoch, 0).UTC(), nil
}

// targets are the platforms that packages are made for.
var targets = []string{"linux/amd64", "linux/arm64", "windows/amd64", "windows/386"}

// module is one library, as the go command knows it.
type module struct {
	Path, Version, Dir, Sum string
	licences                []licence
}

type licence struct{ name, id, text string }

// linked returns the modules that any target's program is linked from, the
// standard library first.
func linked() ([]module, error) {
	found := map[string]module{}
	for _, target := range targets {
		goos, goarch, _ := strings.Cut(target, "/")
		cmd := exec.Command("go", "list", "-deps", "-json=Module", ".")
		cmd.Env = append(cmd.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("list what %s is linked from: %w", target, err)
		}
		decoder := json.NewDecoder(bytes.NewReader(out))
		for {
			var pkg struct {
				Module *struct {
					Path, Version, Dir, Sum string
					Main                    bool
				}
			}
			if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("read what go list says: %w", err)
			}
			if m := pkg.Module; m != nil && !m.Main {
				found[m.Path] = module{Path: m.Path, Version: m.Version, Dir: m.Dir, Sum: m.Sum}
			}
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find the standard library: %w", err)
	}
	modules := []module{{Path: "std", Version: runtime.Version(), Dir: strings.TrimSpace(string(root))}}
	for _, m := range found {
		modules = append(modules, m)
	}
	slices.SortFunc(modules[1:], func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	return modules, nil
}

// readLicences reads the licence files at a module's root. A module without any
// must not be shipped unseen.
func (m *module) readLicences() error {
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return fmt.Errorf("look for the licence of %s: %w", m.Path, err)
	}
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		if e.IsDir() || !slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE"}, func(p string) bool { return strings.HasPrefix(upper, p) }) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
		if err != nil {
			return fmt.Errorf("read the licence of %s: %w", m.Path, err)
		}
		m.licences = append(m.licences, licence{name: e.Name(), id: identify(string(text)), text: string(text)})
	}
	if len(m.licences) == 0 {
		return fmt.Errorf("%s has no licence file", m.Path)
	}
	return nil
}

// identify names a licence by words that only it has; "" where none fits.
func identify(text string) string {
	words := strings.Join(strings.Fields(text), " ")
	for _, known := range []struct{ id, words string }{
		{"Apache-2.0", "Apache License Version 2.0"},
		{"MPL-2.0", "Mozilla Public License Version 2.0"},
		{"BSD-3-Clause", "Neither the name of"},
		{"BSD-3-Clause", "names of its contributors may be used to endorse"},
		{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
		{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
		{"ISC", "Permission to use, copy, modify, and/or distribute this software"},
		{"Zlib", "This software is provided 'as-is', without any express or implied warranty"},
	} {
		if strings.Contains(words, known.words) {
			return known.id
		}
	}
	return ""
}

// declared joins the licences of a module into one SPDX expression.
func (m *module) declared() string {
	var ids []string
	for _, l := range m.licences {
		if l.id != "" && !slices.Contains(ids, l.id) {
			ids = append(ids, l.id)
		}
	}
	if len(ids) == 0 {
		return "NOASSERTION"
	}
	return strings.Join(ids, " AND ")
}

func licenceText(modules []module) []byte {
	var b bytes.Buffer
	b.WriteString("biobridge is linked from these libraries, each under its own licence.\n")
	for _, m := range modules {
		for _, l := range m.licences {
			fmt.Fprintf(&b, "\n%s\n%s %s: %s\n%s\n\n%s\n", strings.Repeat("=", 78), m.Path, m.Version, l.name, strings.Repeat("=", 78), strings.TrimSpace(l.text))
		}
	}
	return b.Bytes()
}

// The parts of an SPDX 2.3 document that are used.
type (
	spdxDocument struct {
		SPDXVersion       string             `json:"spdxVersion"`
		DataLicense       string             `json:"dataLicense"`
		SPDXID            string             `json:"SPDXID"`
		Name              string             `json:"name"`
		DocumentNamespace string             `json:"documentNamespace"`
		CreationInfo      spdxCreation       `json:"creationInfo"`
		Packages          []spdxPackage      `json:"packages"`
		Relationships     []spdxRelationship `json:"relationships"`
	}
	spdxCreation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		SPDXID           string    `json:"SPDXID"`
		Name             string    `json:"name"`
		VersionInfo      string    `json:"versionInfo"`
		DownloadLocation string    `json:"downloadLocation"`
		FilesAnalyzed    bool      `json:"filesAnalyzed"`
		LicenseConcluded string    `json:"licenseConcluded"`
		LicenseDeclared  string    `json:"licenseDeclared"`
		CopyrightText    string    `json:"copyrightText"`
		Comment          string    `json:"comment,omitempty"`
		ExternalRefs     []spdxRef `json:"externalRefs,omitempty"`
	}
	spdxRef struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	spdxRelationship struct {
		Element string `json:"spdxElementId"`
		Type    string `json:"relationshipType"`
		Related string `json:"relatedSpdxElement"`
	}
)

func document(r release, created time.Time, modules []module) spdxDocument {
	doc := spdxDocument{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", Name: "biobridge-" + r.version,
		DocumentNamespace: r.namespace(),
		CreationInfo:      spdxCreation{Created: created.Format(time.RFC3339), Creators: []string{"Organization: The biobridge authors", "Tool: installer/sbom"}},
		Packages: []spdxPackage{{
			SPDXID: "SPDXRef-biobridge", Name: "biobridge", VersionInfo: r.version, DownloadLocation: "NOASSERTION",
			LicenseConcluded: "MIT", LicenseDeclared: "MIT", CopyrightText: "2026 The biobridge authors",
		}},
		Relationships: []spdxRelationship{{"SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-biobridge"}},
	}
	for i, m := range modules {
		id := "SPDXRef-module-" + strconv.Itoa(i)
		p := spdxPackage{
			SPDXID: id, Name: m.Path, VersionInfo: m.Version, DownloadLocation: "NOASSERTION",
			LicenseConcluded: "NOASSERTION", LicenseDeclared: m.declared(), CopyrightText: "NOASSERTION",
		}
		if m.Path != "std" {
			p.ExternalRefs = []spdxRef{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.Path + "@" + m.Version}}
		}
		if m.Sum != "" {
			p.Comment = "go.sum: " + m.Sum // a hash over the module's files, no checksum of one file
		}
		doc.Packages = append(doc.Packages, p)
		doc.Relationships = append(doc.Relationships, spdxRelationship{"SPDXRef-biobridge", "DEPENDS_ON", id})
	}
	return doc
}
