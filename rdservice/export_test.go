package rdservice

import "maps"

// What the tables and fuzz targets of this package look at from outside.

// CleanPath is cleanPath.
var CleanPath = cleanPath

// ServicePaths reads an RDService answer.
func ServicePaths(raw []byte) (status, info, infoPath, capturePath string, err error) {
	s, err := parseService(raw)
	return s.rawStatus, s.info, s.paths.info, s.paths.capture, err
}

// IdentityTexts returns every text of a DeviceInfo answer.
func IdentityTexts(raw []byte) ([]string, error) {
	id, err := parseIdentity(raw)
	texts := []string{id.dpID, id.rdsID, id.rdsVer, id.dc, id.mi, id.serial}
	for name := range maps.Keys(id.params) {
		texts = append(texts, name, id.params[name])
	}
	return texts, err
}
