package setup

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"

	"biobridge/agent/service"
)

// endOthers ends every process that runs program, but for this one and the
// service's, which the service manager stops in good order.
func endOthers(program string) error {
	spared := map[uint32]bool{uint32(os.Getpid()): true}
	if pid, ok := servicePID(); ok {
		spared[pid] = true
	}
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return fmt.Errorf("list the processes: %w", err)
	}
	defer windows.CloseHandle(snapshot)
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	var errs []error
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		if !spared[entry.ProcessID] {
			errs = append(errs, endIf(entry.ProcessID, program))
		}
	}
	return errors.Join(errs...)
}

// endIf ends a process that runs program; one that can't be opened isn't ours.
func endIf(pid uint32, program string) error {
	const rights = windows.PROCESS_QUERY_LIMITED_INFORMATION | windows.PROCESS_TERMINATE | windows.SYNCHRONIZE
	process, err := windows.OpenProcess(rights, false, pid)
	if err != nil {
		return nil
	}
	defer windows.CloseHandle(process)
	name := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(name))
	if err := windows.QueryFullProcessImageName(process, 0, &name[0], &size); err != nil {
		return nil
	}
	if !strings.EqualFold(windows.UTF16ToString(name[:size]), program) {
		return nil
	}
	if err := windows.TerminateProcess(process, 0); err != nil {
		return fmt.Errorf("end a running tray: %w", err)
	}
	_, err = windows.WaitForSingleObject(process, 5000)
	return err
}

func servicePID() (uint32, bool) {
	manager, err := mgr.Connect()
	if err != nil {
		return 0, false
	}
	defer manager.Disconnect()
	s, err := manager.OpenService(service.Name)
	if err != nil {
		return 0, false
	}
	defer s.Close()
	status, err := s.Query()
	return status.ProcessId, err == nil && status.ProcessId != 0
}
